using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Training.Checkpoints;

/// <summary>
/// A folder that appears complete or not at all, with a seal: a list of its files, their sizes and their SHA-256 sums. A file
/// that was torn, cut or changed later does not match it.
/// </summary>
internal static class SealedFolder
{
    public const string SealName = "seal.json";

    private const int Version = 1;

    /// <summary>Fills a folder, seals it and puts it in place.</summary>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like; what stood there before is whole.</exception>
    public static void Write(string path, Action<string> fill) => AtomicFolder.Write(path, folder =>
    {
        fill(folder);
        var files = new JsonObject();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            FileDigest digest = FileDigest.Of(file);
            files[Path.GetFileName(file)] = new JsonObject { ["bytes"] = digest.Bytes, ["sha256"] = digest.Sha256 };
        }
        var seal = new JsonObject { ["version"] = Version, ["files"] = files };
        AtomicFile.WriteAllText(Path.Combine(folder, SealName), seal.ToJsonString());
    });

    /// <summary>Checks that every file is as it was sealed.</summary>
    /// <exception cref="AttuneFormatException">The seal or a file is missing, or a file differs from the seal.</exception>
    public static void Verify(string path)
    {
        JsonFields seal = JsonFields.Load(Path.Combine(path, SealName));
        if (seal.Int("version") != Version)
            throw seal.Error("version", $"{Version}", "The checkpoint was written by another version of this program.");
        JsonFields files = seal.Child("files");
        foreach (string name in files.Keys)
        {
            JsonFields entry = files.Child(name);
            if (name != Path.GetFileName(name) || name.Contains('\0', StringComparison.Ordinal))
                throw new AttuneFormatException(seal.Path, "files", $"the name '{name}'", "names of files in the folder itself");
            string file = Path.Combine(path, name);
            var info = new FileInfo(file);
            if (!info.Exists)
                throw new AttuneFormatException(file, "file", "nothing", "the file that the seal lists");
            if (info.Length != entry.Long("bytes"))
                throw new AttuneFormatException(file, "size", $"{info.Length} bytes", $"{entry.Long("bytes")} bytes as sealed", "The file was cut or changed.");
            if (FileDigest.Of(file).Sha256 != entry.String("sha256"))
                throw new AttuneFormatException(file, "content", "another SHA-256 sum", "the sum in the seal", "The file was changed or damaged.");
        }
    }
}
