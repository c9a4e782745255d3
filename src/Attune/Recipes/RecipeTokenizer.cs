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
internal sealed class RecipeTokenizer
{
    private const string FolderName = "tokenizer";
    private const string SettingsName = "training.json";
    private const string TextKey = "text";

    // Every letter, so that what must know some tokens finds them.
    private static readonly string[] s_sample = ["The quick brown fox jumps over the lazy dog."];

    private readonly RecipeFields _fields;
    private readonly Tokenizer? _loaded;
    private readonly string _kind = "";
    private readonly int _vocabulary;
    private readonly bool _lowercase;

    /// <summary>Reads the settings, and the tokenizer if there is one to load.</summary>
    public RecipeTokenizer(RecipeFields recipe, RecipeData data)
    {
        _fields = recipe.Child("tokenizer");
        if (_fields.PathOrNull("from") is { } path)
        {
            _loaded = Directory.Exists(path) ? Tokenizer.LoadFolder(path) : Tokenizer.Load(path);
            return;
        }
        _kind = _fields.Text("train");
        _vocabulary = _fields.Count("vocabulary", 8000, 10);
        _lowercase = _fields.Flag("lowercase", true);
        if (data is not RecipeText)
            throw _fields.Wrong("train", $"'{_kind}'", "a tokenizer to load ('from'): a labelled data set has no text to train one on");
    }

    /// <summary>
    /// The tokenizer, or one of the same kind with the same special tokens where it must be trained first: what a recipe is checked with. Beside
    /// it the size that the vocabulary may come to have.
    /// </summary>
    public (Tokenizer Tokenizer, int VocabularySize) Sample()
    {
        Tokenizer tokenizer = _loaded ?? Train(s_sample);
        return (tokenizer, Math.Max(tokenizer.VocabularySize, _vocabulary));
    }

    /// <summary>The tokenizer: loaded, trained, or trained when the run began.</summary>
    public Tokenizer Make(RecipeText? text, bool acceptsChanges, RecipeOrigins origins, string runFolder)
    {
        if (_loaded is not null)
            return _loaded;
        string folder = Path.Combine(runFolder, FolderName);
        var settings = new JsonObject
        {
            ["train"] = _kind,
            ["vocabulary"] = _vocabulary,
            ["lowercase"] = _lowercase,
            ["documents"] = text!.Documents,
            ["field"] = text.Field,
            [TextKey] = origins.OfText(text),
        };
        if (File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            RequireSame(settings, Path.Combine(folder, SettingsName), acceptsChanges);
            return Tokenizer.LoadFolder(folder);
        }
        Tokenizer tokenizer = Train(TextCorpus.Sentences(text.Corpus));
        // First, so that there is no tokenizer without it, whenever the process ends.
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, SettingsName), JsonText.Indented(settings));
        tokenizer.Save(folder);
        return tokenizer;
    }

    private Tokenizer Train(IEnumerable<string> texts) => _kind switch
    {
        "wordpiece" => TokenizerTrainer.Train(texts, new WordPieceTraining
        {
            VocabularySize = _vocabulary,
            Lowercase = _lowercase,
            SpecialTokens = WordPieceTraining.BertTokens,
        }),
        "byte-level-bpe" => TokenizerTrainer.Train(texts, new ByteLevelTraining
        {
            VocabularySize = _vocabulary,
            SpecialTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        }),
        "characters" => Characters(texts),
        _ => throw _fields.Wrong("train", $"'{_kind}'", "wordpiece, byte-level-bpe or characters"),
    };

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
