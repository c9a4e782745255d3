using System.IO.Enumeration;
using Attune.Backbones.Folders;

namespace Attune.Hub;

/// <summary>Which files of a model are wanted: a hub keeps the same weights in many formats, of which Attune needs one.</summary>
public static class HubSelection
{
    private const string Safetensors = "*.safetensors", PyTorch = "pytorch_model*.bin", IndexEnding = ".index.json";

    /// <summary>What Attune reads of a model: configuration, tokenizer, safetensors weights, or PyTorch's where there are no others.</summary>
    /// <exception cref="HubException">There are no weights that Attune can read.</exception>
    public static IReadOnlyList<HubFile> Readable(HubListing listing, HubModelName name)
    {
        string weights = new[] { Safetensors, PyTorch }.FirstOrDefault(pattern => listing.Files.Any(file => InRoot(file) && Fits(file, pattern)))
            ?? throw new HubException($"{name} has no weights that Attune can read: found {Found(listing)}, expected *.safetensors or pytorch_model.bin.") { IsRefusal = true };
        return [.. listing.Files.Where(file => (InRoot(file) && (Fits(file, weights) || Fits(file, weights + IndexEnding))) || CompanionFiles.Includes(file.Name))];
    }

    /// <summary>The files whose path fits one of some patterns.</summary>
    /// <exception cref="HubException">A pattern fits no file.</exception>
    public static IReadOnlyList<HubFile> Fitting(HubListing listing, HubModelName name, IReadOnlyList<string> patterns)
    {
        foreach (string pattern in patterns)
        {
            if (!listing.Files.Any(file => Fits(file, pattern)))
                throw new HubException($"{name} has no file that fits '{pattern}': it has {Found(listing)}.") { IsRefusal = true };
        }
        return [.. listing.Files.Where(file => patterns.Any(pattern => Fits(file, pattern)))];
    }

    private static bool InRoot(HubFile file) => !file.Name.Contains('/');

    private static bool Fits(HubFile file, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, file.Name, ignoreCase: false);

    private static string Found(HubListing listing)
    {
        const int shown = 12;
        string names = string.Join(", ", listing.Files.Take(shown).Select(file => file.Name));
        return listing.Files.Count == 0 ? "no files" : listing.Files.Count > shown ? $"{names} and {listing.Files.Count - shown} more" : names;
    }
}
