using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>What a recipe's examples are made of: every file and folder of data that it names, and the tokenizer, each with a digest.</summary>
internal sealed class RecipeOrigins
{
    // A model to start from counts once only, and what a run writes is no source of it.
    private static readonly string[] s_others = ["out", "model.", "tokenizer."];

    // What is read for a tokenizer that is trained and for the checkpoints is the same: it is read once.
    private readonly Dictionary<string, string> _digests = new(StringComparer.Ordinal);

    /// <summary>Digests what was read. All that reads paths from the recipe must have been made before.</summary>
    public IReadOnlyList<Setting> All(RecipeFields recipe, RecipeData data, Tokenizer tokenizer)
    {
        List<Setting> origins = [.. recipe.Paths
            .Where(path => !s_others.Any(other => path.Key.StartsWith(other, StringComparison.Ordinal)))
            .Select(path => new Setting(path.Key, OfPath(path.Path)))];
        // Text that is not named by a path: the documentation of the SDK.
        if (origins.Count == 0 && data is RecipeText text)
            origins.Add(new Setting("data.text", OfText(text)));
        origins.Add(new Setting("tokenizer", tokenizer.Fingerprint()));
        return origins;
    }

    /// <summary>The digest of running text.</summary>
    public string OfText(RecipeText text) => text.Path is { } path ? OfPath(path) : Once("", () => CorpusFingerprint.OfText(text.Corpus));

    private string OfPath(string path) => Once(path, () => FileDigest.Of(path).ToString());

    private string Once(string path, Func<string> digest) =>
        _digests.TryGetValue(path, out string? known) ? known : _digests[path] = digest();
}
