using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>What a recipe's examples are made of: every file and folder of data that it names, and the tokenizer, each with a digest.</summary>
internal static class RecipeOrigins
{
    // A model to start from counts once only, and what a run writes is no source of it.
    private static readonly string[] s_others = ["out", "model.", "tokenizer."];

    /// <summary>Digests what was read. All that reads paths from the recipe must have been made before.</summary>
    public static IReadOnlyList<Setting> Of(RecipeFields recipe, RecipeData data, Tokenizer tokenizer)
    {
        List<Setting> origins = [.. recipe.Paths
            .Where(path => !s_others.Any(other => path.Key.StartsWith(other, StringComparison.Ordinal)))
            .Select(path => Setting.Of(path.Key, FileDigest.Of(path.Path)))];
        // Text that is not named by a path: the documentation of the SDK.
        if (origins.Count == 0 && data.Corpus is { } corpus)
            origins.Add(new Setting("data.text", CorpusFingerprint.OfText(corpus)));
        origins.Add(new Setting("tokenizer", tokenizer.Fingerprint()));
        return origins;
    }
}
