using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Architecture;

namespace Attune.Tests.Training;

/// <summary>A small configuration of each family, and examples that any objective or task can learn from.</summary>
internal static class MatrixExamples
{
    private const int LeastVocabulary = 48;

    private static readonly Lazy<IReadOnlyDictionary<string, JsonFields>> ByFamily = new(Find);

    // Families that have no reference with files, or none that reads tokens.
    private static readonly Dictionary<string, string> Own = new()
    {
        ["transformer"] = """
            { "model_type": "transformer", "vocab_size": 40, "d_model": 16, "num_heads": 2, "d_ff": 24, "encoder_layers": 2, "decoder_layers": 2,
              "max_positions": 32, "pad_token_id": 1, "eos_id": 2 }
            """,
        ["set_transformer"] = """
            { "model_type": "set_transformer", "vocab_size": 40, "dim_hidden": 16, "num_heads": 2, "num_inds": 4 }
            """,
    };

    /// <summary>Every family with a small configuration.</summary>
    public static IEnumerable<(IFamily Family, JsonFields Config)> Configs() => Catalog.Backbones.All.Select(family => (family, Config(family)));

    /// <summary>The configuration of one of the family's reference cases, or one that is written here: small models all.</summary>
    public static JsonFields Config(IFamily family)
    {
        JsonFields found = ByFamily.Value[family.ModelType];
        var config = new JsonFields((JsonObject)found.Node.DeepClone(), found.Path);
        // The examples have words that some references lack.
        foreach (string key in (string[])["vocab_size", "num_tokens"])
        {
            if (config.Has(key) && config.Int(key) < LeastVocabulary)
                config.Node[key] = LeastVocabulary;
        }
        return config;
    }

    /// <summary>A family's small model with values, and the size of its vocabulary.</summary>
    public static (Model Model, int Vocabulary) Build(string family, IReadOnlyList<HeadRequest> heads)
    {
        IFamily found = Catalog.Backbones.Get(family);
        JsonFields config = Config(found);
        Model model = found.Build(config, heads);
        model.Initialize(1);
        return (model, config.Int("vocab_size"));
    }

    /// <summary>The catalog's sample of an objective or task.</summary>
    public static ILearnable Sample(string name) => (ILearnable?)Catalog.Objectives.Find(name)?.Sample ?? Catalog.Tasks.Get(name).Sample;

    /// <summary>Six examples.</summary>
    public static Example[] Of(ILearnable learnable, JsonFields config)
    {
        int end = config.Raw("eos_token_id") is { } eos && eos.GetValueKind() == JsonValueKind.Number ? config.Int("eos_token_id") : TinyModels.SepId;
        Example[] examples = [.. TinyModels.Counting(6).Select(e => e with
        {
            Ids = e.Ids.ToArray()[..^1].Append(end).ToArray(),
            TokenLabels = new int[e.Ids.Length],
            TargetIds = e.Ids.ToArray()[1..^1].Append(end).ToArray(),
        })];
        return learnable.Heads.Any(head => head.Kind == HeadKind.MultipleChoice)
            ? [.. examples.Select(e => new Example { Choices = [examples[0], e, examples[1]], Label = 1 })]
            : examples;
    }

    // The first configuration that is of a whole model: some cases are of parts.
    private static Dictionary<string, JsonFields> Find()
    {
        Dictionary<string, JsonFields> found = [];
        foreach (IFamily family in Catalog.Backbones.All)
        {
            if (Own.TryGetValue(family.ModelType, out string? text))
            {
                found[family.ModelType] = JsonFields.Parse(Encoding.UTF8.GetBytes(text), "config.json");
                continue;
            }
            string folder = Path.Combine(Repository.Root, "tests", "Goldens", family.ModelType);
            found[family.ModelType] = Directory.EnumerateFiles(folder, "config.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(JsonFields.Load)
                .First(config => IsWhole(family, config));
        }
        return found;
    }

    private static bool IsWhole(IFamily family, JsonFields config)
    {
        try
        {
            family.Build(config, ModelFolder.HeadsOf(config, family));
            return true;
        }
        catch (AttuneFormatException)
        {
            return false;
        }
    }
}
