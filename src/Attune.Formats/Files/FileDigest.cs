using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Attune.Formats;

/// <summary>How much a file or a folder holds, and a checksum of it: where it stands and when it was written do not count.</summary>
/// <param name="Bytes">The size of all files.</param>
/// <param name="Sha256">The SHA-256 of a file's content; of a folder, that of the names and checksums of all files below it.</param>
public readonly record struct FileDigest(long Bytes, string Sha256)
{
    /// <summary>Reads a file, or all files below a folder, piece by piece.</summary>
    /// <exception cref="AttuneFormatException">There is no such file or folder, or it cannot be read.</exception>
    public static FileDigest Of(string path) => ReadFailure.Guard(path, () => Directory.Exists(path) ? OfFolder(path) : OfFile(path));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes, sha256 {Sha256}");

    private static FileDigest OfFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, FileOptions.SequentialScan);
        return new FileDigest(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static FileDigest OfFolder(string folder)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            FileDigest digest = OfFile(file);
            string name = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{digest.Sha256}\0"));
            bytes += digest.Bytes;
        }
        return new FileDigest(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
