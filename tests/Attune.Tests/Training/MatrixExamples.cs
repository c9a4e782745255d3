using System.Text.Json;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Architecture;

namespace Attune.Tests.Training;

/// <summary>A small configuration of each family, and examples that any objective or task can learn from.</summary>
internal static class MatrixExamples
{
    private static readonly Lazy<IReadOnlyDictionary<string, JsonFields>> ByFamily = new(Find);

    /// <summary>The families that have reference cases in the published layout, each with the first configuration of them.</summary>
    public static IEnumerable<(IFamily Family, JsonFields Config)> Configs() =>
        Catalog.Backbones.All.Where(family => ByFamily.Value.ContainsKey(family.ModelType)).Select(family => (family, Config(family)));

    /// <summary>
    /// The configuration of one of the family's reference cases: small models all. Families whose cases are not in the published layout have
    /// none; the test of mixers trains them.
    /// </summary>
    public static JsonFields Config(IFamily family) => ByFamily.Value.TryGetValue(family.ModelType, out JsonFields? config)
        ? new JsonFields((System.Text.Json.Nodes.JsonObject)config.Node.DeepClone(), config.Path)
        : throw new InvalidOperationException($"No reference case is of the family {family.ModelType}.");

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

    private static Dictionary<string, JsonFields> Find()
    {
        Dictionary<string, JsonFields> found = [];
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Goldens"), "config.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            JsonFields config = JsonFields.Load(path);
            if (config.StringOrNull("model_type") is { } type)
                found.TryAdd(type, config);
        }
        return found;
    }
}
