using System.Text;

namespace Attune.Formats;

/// <summary>
/// Writes a file so that readers see either the old content or the whole new content: written beside, forced to the disk, renamed.
/// Every result file of the project goes through here. Two processes must not write the same path at once.
/// </summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;
    private static int s_counter;

    /// <summary>Writes through a stream. The folder is made if it is missing.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the content; the stream can seek and must not be kept.</param>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or any other failure of the operating system; the old file is whole.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full)!;
        string temporary = TemporaryBeside(full);
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
            FolderSync.Flush(folder);
        }
        catch (Exception e) when (e is IOException and not AttuneWriteException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
        finally
        {
            DeleteIfLeft(temporary);
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    /// <exception cref="AttuneWriteException">The file cannot be written; the old file is whole.</exception>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <exception cref="AttuneWriteException">The file cannot be written; the old file is whole.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>A name beside <paramref name="full"/> that no other write of any process on this machine uses.</summary>
    internal static string TemporaryBeside(string full) =>
        $"{full}.{Environment.ProcessId}-{Interlocked.Increment(ref s_counter)}.tmp";

    private static void DeleteIfLeft(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a leftover beside the result harms nobody.
        }
    }
}
