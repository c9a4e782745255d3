namespace Attune.Formats;

/// <summary>Opens data files for streaming; gzip is unpacked on the way, recognised by its first bytes.</summary>
public static class DataFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Opens a file.</summary>
    /// <exception cref="AttuneFormatException">The file is missing or cannot be read.</exception>
    public static Stream Open(string path) => ReadFailure.Guard<Stream>(path, () =>
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        try
        {
            bool gzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            return gzip ? new GzipFileStream(file) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>The file's name without folder, extension and a final <c>.gz</c>.</summary>
    public static string BareName(string path) => Path.GetFileNameWithoutExtension(WithoutGz(path));

    /// <summary>The extension in lower case with its dot, looking through a final <c>.gz</c>.</summary>
    public static string Extension(string path) => Path.GetExtension(WithoutGz(path)).ToLowerInvariant();

    private static string WithoutGz(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
}
