using Attune.Parity;
using Attune.Parity.Tests;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Parity;

/// <summary>Damaged golden cases: whatever the damage, the runner gives a result for the case and goes on.</summary>
public sealed class ParityFuzzTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-parity-fuzz-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("bert/sequence_classification", "case.json", 60)]
    [InlineData("bert/sequence_classification", "expected.safetensors", 40)]
    [InlineData("layers/attention_padding", "case.json", 100)]
    [InlineData("layers/attention_padding", "expected.safetensors", 100)]
    [InlineData("optim/adamw", "case.json", 100)]
    [InlineData("schedules/table", "case.json", 100)]
    [InlineData("flops/tiny", "case.json", 100)]
    [InlineData("objectives", "bert_masking.json", 100)]
    public void Every_damage_has_a_result(string name, string file, int variants)
    {
        string copy = Goldens.Copy(name, _folder);
        string path = Path.Combine(copy, file);
        var mutator = new Mutator([File.ReadAllBytes(path)]);
        int failed = 0;
        for (int variant = 1; variant <= variants; variant++)
        {
            File.WriteAllBytes(path, mutator.Variant(variant));
            failed += new ParityRunner().Run(copy).Any(result => result.Status == ParityStatus.Failed && result.Message.Length > 0) ? 1 : 0;
        }
        Assert.True(failed > 0, "No damage was noticed.");
    }
}
