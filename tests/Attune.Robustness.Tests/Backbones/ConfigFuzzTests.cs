using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Parity.Models.Modules;
using Attune.Parity.Tests;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Backbones;

/// <summary>Damaged model configurations: a model is declared, or the file is refused; sizes cost nothing before they are checked.</summary>
public sealed class ConfigFuzzTests
{
    private const long MaxAllocatedBytes = 256 << 20;

    [Fact]
    public void Configurations_are_read_or_refused() => ParserFuzzer.Run(Seeds(), Declare, variants: 4000, maxAllocatedBytes: MaxAllocatedBytes);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 26)]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_number_of_a_configuration_can_take_memory_or_time(int number)
    {
        foreach (byte[] seed in Seeds())
        {
            JsonObject whole = JsonNode.Parse(seed)!.AsObject();
            foreach (string key in whole.Where(field => field.Value?.GetValueKind() == JsonValueKind.Number).Select(field => field.Key).ToArray())
            {
                JsonNode changed = whole.DeepClone();
                changed[key] = number;
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    Declare(System.Text.Encoding.UTF8.GetBytes(changed.ToJsonString()));
                }
                catch (AttuneFormatException refused)
                {
                    Assert.Contains(ModelFolder.ConfigName, refused.Message, StringComparison.Ordinal);
                }
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MaxAllocatedBytes, $"{whole["model_type"]}: {key} = {number}");
            }
        }
    }

    [Theory]
    [InlineData(1 << 24)]
    [InlineData(int.MaxValue)]
    public void No_sizes_together_can_take_memory_or_time(int number)
    {
        foreach (byte[] seed in Seeds())
        {
            JsonNode changed = JsonNode.Parse(seed)!;
            Enlarge(changed, number);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<AttuneFormatException>(() => Declare(System.Text.Encoding.UTF8.GetBytes(changed.ToJsonString())));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MaxAllocatedBytes, changed.ToJsonString());
        }

        static void Enlarge(JsonNode node, int number)
        {
            foreach ((string key, JsonNode? value) in node.AsObject().ToArray())
            {
                if (value is JsonObject child)
                    Enlarge(child, number);
                else if (value?.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out int whole) && whole > 0)
                    node[key] = number;
            }
        }
    }

    [Fact]
    public void Every_family_of_the_catalog_is_tried()
    {
        HashSet<string> tried = [.. Seeds().Select(seed => JsonNode.Parse(seed)!["model_type"]!.GetValue<string>())];
        Assert.All(Catalog.Backbones.All, family => Assert.Contains(family.ModelType, tried));
    }

    private static void Declare(byte[] bytes)
    {
        JsonFields config = JsonFields.Parse(bytes, ModelFolder.ConfigName);
        string type = config.String("model_type");
        IFamily family = Catalog.Backbones.Find(type) ?? throw config.Error("model_type", "a known family");
        Model model = family.Declare(config, ModelFolder.HeadsOf(config, family));
        Assert.True(model.Parameters().Sum(p => p.Parameter.Shape.Count) > 0);
    }

    /// <summary>The configurations of all cases of whole models, and one of the family that has no reference with files.</summary>
    private static byte[][] Seeds() =>
    [
        .. Directory.EnumerateFiles(Goldens.Root, ModelFolder.ConfigName, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(Named).OfType<JsonObject>().Select(config => System.Text.Encoding.UTF8.GetBytes(config.ToJsonString())),
        """
        {"model_type": "transformer", "vocab_size": 40, "d_model": 16, "num_heads": 2, "d_ff": 24, "encoder_layers": 2, "decoder_layers": 2,
         "max_positions": 32, "pad_token_id": 1}
        """u8.ToArray(),
    ];

    /// <summary>A configuration that names its family, as the case beside it does where the file does not; null if it is not of a whole model.</summary>
    private static JsonObject? Named(string path)
    {
        JsonFields config = JsonFields.Load(path);
        string caseFile = Path.Combine(Path.GetDirectoryName(path)!, "case.json");
        string type = config.StringOrNull("model_type") ?? (File.Exists(caseFile) ? JsonFields.Load(caseFile).String("family", "") : "");
        if (Catalog.Backbones.Find(type) is null || ModuleFamily.All.Any(part => part.Has(type, config)))
            return null;
        config.Node["model_type"] = type;
        return config.Node;
    }
}
