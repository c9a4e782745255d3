using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Robustness.Tests.Fuzzing;
using Attune.Tensors;
using Attune.Training;
using Attune.Training.Checkpoints;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Robustness.Tests.Training;

public sealed class CheckpointFuzzTests
{
    private static readonly RunIdentity s_run = new("1", "masked-lm", "adamw", "linear", "1", "data", [new Setting("data.text", "3 bytes, sha256 ab")], [Setting.Of("probability", 0.15)]);

    [Fact]
    public void DamagedSealsAreRefusedCleanly()
    {
        byte[] seed = Sealed(folder => File.WriteAllText(Path.Combine(folder, "a"), ""), SealedFolder.SealName);
        ParserFuzzer.RunOnFile([seed], SealedFolder.SealName, path =>
        {
            string folder = Path.GetDirectoryName(path)!;
            File.WriteAllText(Path.Combine(folder, "a"), "");
            SealedFolder.Verify(folder);
        });
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\u0000b")]
    [InlineData("")]
    public void SealsNameFilesOfTheirOwnFolderOnly(string name)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("attune-test-");
        File.WriteAllText(
            Path.Combine(folder.FullName, SealedFolder.SealName), $"{{\"version\": 1, \"files\": {{\"{name}\": {{\"bytes\": 0, \"sha256\": \"\"}}}}}}");
        Assert.Throws<AttuneFormatException>(() => SealedFolder.Verify(folder.FullName));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void DamagedTrainerStatesAreRefusedCleanly()
    {
        byte[] seed = Sealed(folder => TrainerFile.Save(new TrainerState { Step = 5, LastLoss = 1.5 }, s_run, folder), TrainerFile.Name);
        ParserFuzzer.RunOnFile([seed], TrainerFile.Name, path => TrainerFile.Load(s_run, acceptChangedData: false, Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void DamagedOptimizerStatesAreRefusedCleanly()
    {
        Optimizer optimizer = SmallOptimizer();
        foreach ((string name, Tensor slot) in optimizer.Restore("a", 3)!.Slots) slot.Fill(name.Length);
        byte[] seed = Sealed(folder => OptimizerFile.Save(optimizer, folder), OptimizerFile.Name);
        Optimizer restored = SmallOptimizer();
        ParserFuzzer.RunOnFile([seed], OptimizerFile.Name, path => OptimizerFile.Load(restored, Path.GetDirectoryName(path)!));
    }

    private static Optimizer SmallOptimizer()
    {
        Parameter parameter = new(Shape.Of(2, 3), Initializer.Zeros, ParameterRole.Weight);
        parameter.Use(Tensor.Trainable(parameter.Shape));
        return new Optimizer(new AdamW(), [new ParameterGroup([new NamedParameter("a", parameter)], 0)]);
    }

    // The bytes of one file of a sealed folder.
    private static byte[] Sealed(Action<string> fill, string name)
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        SealedFolder.Write(folder, fill);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, name));
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}
