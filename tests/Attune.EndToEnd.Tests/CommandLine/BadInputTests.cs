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

    [Fact]
    public void A_name_that_is_neither_a_folder_nor_pulled() => Refused(["embed", "nobody/nothing", "the"], "nobody/nothing", "attune pull nobody/nothing");

    [Fact]
    public void A_place_in_broken_json_counts_from_one()
    {
        File.WriteAllText(folder.File("config.json"), "{\n  \"hidden_size\": x }");
        Refused(["inspect", folder.Path], "config.json", "line 2, byte 18");
    }

    [Fact]
    public void A_file_of_texts_that_is_missing_or_not_utf8()
    {
        Refused(["fill", folder.Path, "--file", folder.File("nothing.txt")], "nothing.txt");
        File.WriteAllText(folder.File("wide.txt"), "the [MASK]", System.Text.Encoding.Unicode);
        Refused(["fill", folder.Path, "--file", folder.File("wide.txt")], "wide.txt", "UTF-8", "utf-16");
    }

    [Fact]
    public void Nothing_to_train_a_tokenizer_on()
    {
        File.WriteAllText(folder.File("blank.txt"), " \n\n");
        Refused(["tokenizer", "train", "--text", folder.File("blank.txt"), "--out", folder.File("trained")], "blank.txt", "empty");
        Assert.False(Directory.Exists(folder.File("trained")));
    }

    [Fact]
    public void Data_of_a_single_class()
    {
        File.WriteAllText(folder.File("one.csv"), "text,label\nthe stream,thing\nthe stone,thing\n");
        Refused(["finetune", folder.Path, "--data", folder.File("one.csv"), "--out", folder.File("run")], "'thing'", "at least two");
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void A_folder_without_golden_cases() => Refused(["parity", folder.Path], folder.Path, "no golden case");

    [Fact]
    public void A_file_where_results_should_go() =>
        Refused(["finetune", folder.Path, "--data", TinyText.WriteLabelled(folder.File("data.csv")), "--out", folder.File("config.json")], "config.json", "a folder");

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
