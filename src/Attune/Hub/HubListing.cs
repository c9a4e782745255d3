using Attune.Formats;

namespace Attune.Hub;

/// <summary>What a hub says a model consists of at one commit. The answer is untrusted: names become paths.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Files">All files of the model.</param>
public sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>The most files a model may have.</summary>
    public const int MaxFiles = 10_000;

    private const int MaxNameLength = 255;
    private const long MaxFileSize = 1L << 44;

    /// <summary>Reads the hub's answer.</summary>
    /// <param name="utf8">JSON.</param>
    /// <param name="address">Where it came from, for messages.</param>
    /// <exception cref="AttuneFormatException">Not such an answer, a name that leads out of the folder, a missing size or checksum.</exception>
    public static HubListing Parse(ReadOnlySpan<byte> utf8, string address)
    {
        JsonFields answer = JsonFields.Parse(utf8, address);
        string commit = answer.String("sha");
        if (commit.Length is 0 or > 64 || !commit.All(char.IsAsciiLetterOrDigit))
            throw answer.Error("sha", "the letters and digits of a commit");
        IReadOnlyList<JsonFields> entries = answer.Children("siblings");
        if (entries.Count > MaxFiles)
            throw answer.Error("siblings", $"at most {MaxFiles} files");
        HubFile[] files = [.. entries.Select(Read)];
        if (files.GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new AttuneFormatException(address, "siblings", $"'{twice.Key}' twice", "each file once");
        return new HubListing(commit, files);
    }

    private static HubFile Read(JsonFields entry)
    {
        string name = entry.String("rfilename");
        if (!IsSafe(name))
            throw entry.Error("rfilename", "a path that stays below the model's folder");
        JsonFields? large = entry.ChildOrNull("lfs");
        long size = large?.Long("size") ?? entry.Long("size");
        if (size is < 0 or > MaxFileSize)
            throw entry.Error("size", "a number of bytes");
        HubChecksum? checksum;
        if (large is not null)
        {
            if (!HubChecksum.TryParse(HubHash.Sha256, large.String("sha256"), out checksum))
                throw large.Error("sha256", "64 hexadecimal digits");
        }
        else if (!HubChecksum.TryParse(HubHash.GitBlob, entry.String("blobId"), out checksum))
        {
            throw entry.Error("blobId", "40 hexadecimal digits");
        }
        return new HubFile(name, size, checksum);
    }

    private static bool IsSafe(string name) =>
        name.Length <= MaxNameLength
        && name.Split('/').All(part => part.Length > 0 && part.Trim(' ', '.').Length > 0 && !part.EndsWith('.') && !part.EndsWith(' '))
        && !name.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|');
}
