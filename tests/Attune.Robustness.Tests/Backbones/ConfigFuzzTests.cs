using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
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

    private static void Declare(byte[] bytes)
    {
        JsonFields config = JsonFields.Parse(bytes, ModelFolder.ConfigName);
        string type = config.String("model_type");
        IFamily family = Catalog.Backbones.Find(type) ?? throw config.Error("model_type", "a known family");
        Model model = family.Build(config, ModelFolder.HeadsOf(config, family));
        Assert.True(model.Parameters().Sum(p => (double)p.Parameter.Shape.Count) > 0);
    }

    private static byte[][] Seeds() =>
    [
        .. Directory.EnumerateFiles(Goldens.Root, ModelFolder.ConfigName, SearchOption.AllDirectories)
            .Where(path => Catalog.Backbones.Find(JsonFields.Load(path).String("model_type", "")) is not null)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];
}
