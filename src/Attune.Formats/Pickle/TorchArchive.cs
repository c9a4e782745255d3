using System.IO.Compression;

namespace Attune.Formats;

/// <summary>
/// Writes what <c>torch.save</c> writes of a dictionary of tensors: an uncompressed zip archive of one pickle and a file for each tensor's
/// elements. The same content gives the same bytes.
/// </summary>
internal static class TorchArchive
{
    private const string Root = "archive";

    // The zip format's first moment: the time of writing is nobody's business.
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the archive, beside and renamed.</summary>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like.</exception>
    /// <exception cref="ArgumentException">A tensor is of a type that PyTorch's storages do not have.</exception>
    public static void Save(string path, IReadOnlyList<SafetensorsWriter.PendingTensor> tensors)
    {
        byte[] program = TorchPickle.Of(tensors);
        AtomicFile.Write(path, stream =>
        {
            using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(zip, "data.pkl", entry => entry.Write(program));
            Add(zip, "byteorder", entry => entry.Write("little"u8));
            for (int i = 0; i < tensors.Count; i++)
                Add(zip, FormattableString.Invariant($"data/{i}"), tensors[i].Write);
            Add(zip, "version", entry => entry.Write("3\n"u8));
        });
    }

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry($"{Root}/{name}", CompressionLevel.NoCompression);
        entry.LastWriteTime = s_time;
        using Stream stream = entry.Open();
        write(stream);
    }
}
