using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Attune.Hub;

/// <summary>What the content of a file must come to: SHA-256 for large files, git's own object name (SHA-1) for small ones.</summary>
/// <param name="Algorithm">How it is computed.</param>
/// <param name="Hex">Its value in lower-case hexadecimal digits.</param>
public sealed record HubChecksum(HubHash Algorithm, string Hex)
{
    /// <summary>Reads the digits that a hub gave.</summary>
    /// <returns>Whether they have the length of the algorithm.</returns>
    public static bool TryParse(HubHash algorithm, string? hex, [NotNullWhen(true)] out HubChecksum? checksum)
    {
        int length = algorithm == HubHash.Sha256 ? 2 * SHA256.HashSizeInBytes : 2 * SHA1.HashSizeInBytes;
        checksum = hex?.Length == length && hex.All(char.IsAsciiHexDigit) ? new HubChecksum(algorithm, hex.ToLowerInvariant()) : null;
        return checksum is not null;
    }

    /// <summary>Computes the checksum of a file by the same algorithm.</summary>
    public HubChecksum Of(string path, CancellationToken cancellation)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using IncrementalHash hash = IncrementalHash.CreateHash(Algorithm == HubHash.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (Algorithm == HubHash.GitBlob)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return this with { Hex = Convert.ToHexStringLower(hash.GetCurrentHash()) };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Algorithm == HubHash.Sha256 ? "sha256" : "git")}:{Hex}";
}

/// <summary>How a checksum is computed.</summary>
public enum HubHash
{
    /// <summary>SHA-256 of the content.</summary>
    Sha256,

    /// <summary>The name that git gives the content: SHA-1 of a short head and the content.</summary>
    GitBlob,
}
