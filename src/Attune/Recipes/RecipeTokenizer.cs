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

    public static Tokenizer Make(RecipeFields recipe, ITextCorpus? corpus, string runFolder)
    {
        RecipeFields fields = recipe.Child("tokenizer");
        if (fields.PathOrNull("from") is { } path)
            return Directory.Exists(path) ? Tokenizer.LoadFolder(path) : Tokenizer.Load(path);

        string kind = fields.Text("train");
        int vocabulary = fields.Count("vocabulary", 8000, 10);
        bool lowercase = fields.Flag("lowercase", true);
        if (corpus is null)
            throw fields.Wrong("train", $"'{kind}'", "a tokenizer to load ('from'): a labelled data set has no text to train one on");
        string folder = Path.Combine(runFolder, FolderName);
        if (File.Exists(Path.Combine(folder, "tokenizer.json")))
            return Tokenizer.LoadFolder(folder);
        IEnumerable<string> texts = corpus.Documents().SelectMany(d => d.Sentences);
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
        tokenizer.Save(folder);
        return tokenizer;
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
