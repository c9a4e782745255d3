using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>What is wrong is said in one line that names it, with exit code 3.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public BadInputTests() => TinyModel.Bert(folder.Path, "BertForMaskedLM");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_missing_model_folder() => Refused(["fill", folder.File("nothing"), "[MASK]"], folder.File("nothing"));

    [Fact]
    public void Missing_weights()
    {
        File.Delete(folder.File("model.safetensors"));
        Refused(["fill", folder.Path, "[MASK]"], folder.Path);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(100)]
    [InlineData(-1)]
    public void Truncated_weights(int length)
    {
        using (var file = File.OpenWrite(folder.File("model.safetensors")))
            file.SetLength(length < 0 ? file.Length + length : length);
        Refused(["fill", folder.Path, "[MASK]"], "model.safetensors");
    }

    [Fact]
    public void Weights_of_another_model()
    {
        var config = folder.File("config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"hidden_size\": 8", "\"hidden_size\": 12", StringComparison.Ordinal));
        Refused(["fill", folder.Path, "[MASK]"], "[12, 8]", "[12, 12]");
    }

    [Fact]
    public void A_configuration_that_is_no_json()
    {
        File.WriteAllText(folder.File("config.json"), "{");
        Refused(["inspect", folder.Path], "config.json");
    }

    [Fact]
    public void A_family_that_is_not_known()
    {
        File.WriteAllText(folder.File("config.json"), """{"model_type": "bard"}""");
        Refused(["inspect", folder.Path], "model_type", "bard", "bert");
    }

    [Fact]
    public void A_text_without_a_mask() => Refused(["fill", folder.Path, "the stream"], "[MASK]");

    [Fact]
    public void A_text_that_is_too_long()
    {
        var text = "[MASK]" + string.Concat(Enumerable.Repeat(" the", TinyModel.MaxLength));
        Refused(["fill", folder.Path, text], $"{TinyModel.MaxLength + 3}", $"{TinyModel.MaxLength}", "--truncate");
        Assert.Equal(0, AttuneProcess.Run("fill", folder.Path, text, "--truncate").ExitCode);
    }

    [Fact]
    public void A_head_that_the_model_does_not_have()
    {
        Refused(["generate", folder.Path, "the"], "causal-lm", "masked-lm");
        Refused(["predict", folder.Path, "the"], "masked-lm");
    }

    [Fact]
    public void A_sequence_longer_than_the_model() => Refused(["inspect", folder.Path, "--length", "9"], "9", "8");

    [Fact]
    public void A_vocabulary_larger_than_the_model()
    {
        File.AppendAllText(folder.File("vocab.txt"), "one\nmore\n");
        Refused(["fill", folder.Path, "[MASK]"], "14", "12");
    }

    private static void Refused(string[] line, params string[] named)
    {
        var result = AttuneProcess.Run(line);
        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        var message = Assert.Single(result.ErrorLines);
        Assert.StartsWith("attune: error: ", message, StringComparison.Ordinal);
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
