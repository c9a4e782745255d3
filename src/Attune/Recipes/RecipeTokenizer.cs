using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>
/// The <c>tokenizer</c> of a recipe: a folder or file to load (<c>from</c>), or the settings to train one with (<c>train</c>, and
/// <c>vocabulary</c>). A trained one is kept in the run's folder and read from there when the run goes on.
/// </summary>
internal static class RecipeTokenizer
{
    private const string FolderName = "tokenizer";
    private const string SettingsName = "training.json";
    private const string TextKey = "text";

    public static Tokenizer Make(RecipeFields recipe, RecipeData data, string runFolder)
    {
        RecipeFields fields = recipe.Child("tokenizer");
        if (fields.PathOrNull("from") is { } path)
            return Directory.Exists(path) ? Tokenizer.LoadFolder(path) : Tokenizer.Load(path);

        string kind = fields.Text("train");
        int vocabulary = fields.Count("vocabulary", 8000, 10);
        bool lowercase = fields.Flag("lowercase", true);
        if (data.Corpus is not { } corpus)
            throw fields.Wrong("train", $"'{kind}'", "a tokenizer to load ('from'): a labelled data set has no text to train one on");
        string folder = Path.Combine(runFolder, FolderName);
        var settings = new JsonObject { ["train"] = kind, ["vocabulary"] = vocabulary, ["lowercase"] = lowercase, [TextKey] = CorpusFingerprint.OfText(corpus) };
        if (File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            RequireSame(settings, Path.Combine(folder, SettingsName), data.AcceptsChanges);
            return Tokenizer.LoadFolder(folder);
        }
        IEnumerable<string> texts = TextCorpus.Sentences(corpus);
        Tokenizer tokenizer = kind switch
        {
            "wordpiece" => TokenizerTrainer.Train(texts, new WordPieceTraining
            {
                VocabularySize = vocabulary,
                Lowercase = lowercase,
                SpecialTokens = WordPieceTraining.BertTokens,
            }),
            "byte-level-bpe" => TokenizerTrainer.Train(texts, new ByteLevelTraining
            {
                VocabularySize = vocabulary,
                SpecialTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            }),
            "characters" => Characters(texts),
            _ => throw fields.Wrong("train", $"'{kind}'", "wordpiece, byte-level-bpe or characters"),
        };
        // First, so that there is no tokenizer without it, whenever the process ends.
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, SettingsName), JsonText.Indented(settings));
        tokenizer.Save(folder);
        return tokenizer;
    }

    /// <summary>Refuses to go on with a tokenizer that was trained otherwise, or on another text.</summary>
    private static void RequireSame(JsonObject settings, string path, bool acceptsChangedText)
    {
        JsonFields stored = JsonFields.Load(path);
        foreach ((string key, JsonNode? value) in settings)
        {
            if (acceptsChangedText && key == TextKey)
                continue;
            if (!JsonNode.DeepEquals(value, stored.Node[key]))
                throw stored.Error(key, $"{value!.ToJsonString()} as this run has it", "Continue with the settings and the text the run was started with, or start in an empty folder.");
        }
    }

    /// <summary>Every character that occurs is a token, in the order of code points; there are no special tokens.</summary>
    private static Tokenizer Characters(IEnumerable<string> texts)
    {
        SortedSet<System.Text.Rune> runes = [];
        foreach (string text in texts)
        {
            foreach (System.Text.Rune rune in text.EnumerateRunes())
                runes.Add(rune);
        }
        var vocabulary = new JsonObject();
        foreach (System.Text.Rune rune in runes)
            vocabulary[rune.ToString()] = vocabulary.Count;
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Split",
                ["pattern"] = new JsonObject { ["Regex"] = "(?m:.|\\n)" },
                ["behavior"] = "Isolated",
                ["invert"] = false,
            },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "Fuse" },
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = runes.Min.ToString() },
        };
        return Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(JsonText.Compact(json)), string.Create(CultureInfo.InvariantCulture, $"{runes.Count} characters"));
    }
}
