using System.Diagnostics;
using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>The verbs that train and measure, from text to an answer.</summary>
public sealed class TrainingVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Text_becomes_a_model_that_learns_a_task_and_answers()
    {
        var text = TinyText.Write(folder.File("text.txt"));
        var pretrained = AttuneProcess.Run(["pretrain", "--text", text, "--steps", "30", "--out", folder.File("pre"), "--json", .. TinyText.Model]);
        Assert.Equal(0, pretrained.ExitCode);
        var model = pretrained.Json()[0].GetProperty("model").GetString()!;

        var loss = AttuneProcess.Run("evaluate", model, "--text", text, "--json").Json();
        Assert.Equal(Math.Exp(loss.GetProperty("loss").GetDouble()), loss.GetProperty("perplexity").GetDouble(), 6);

        var data = TinyText.WriteLabelled(folder.File("data.csv"));
        var tuned = AttuneProcess.Run(
            "finetune", model, "--data", data, "--validation", data, "--epochs", "20", "--batch", "10", "--rate", "0.01", "--seed", "2",
            "--out", folder.File("fine"), "--json").Json()[0];
        Assert.Equal(2, tuned.GetProperty("seed").GetInt32());
        var accuracy = tuned.GetProperty("figures").GetProperty("accuracy").GetDouble();
        Assert.True(accuracy > 0.9, $"accuracy {accuracy}");

        var classifier = tuned.GetProperty("model").GetString()!;
        Assert.Equal(accuracy, AttuneProcess.Run("evaluate", classifier, "--data", data, "--json").Json().GetProperty("accuracy").GetDouble());
        Assert.Equal("animal", AttuneProcess.Run("predict", classifier, "the raven waits", "--json").Json()[0].GetProperty("label").GetString());
        Assert.Equal("completed", AttuneProcess.Run("runs", folder.File("fine"), "--json").Json()[0].GetProperty("status").GetString());
    }

    [Fact]
    public void An_interrupted_run_goes_on_and_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no such signal");
        var text = TinyText.Write(folder.File("text.txt"));
        string[] line = ["pretrain", "--text", text, "--steps", "4000", .. TinyText.Model, "--out"];
        using (var process = AttuneProcess.Start([.. line, folder.File("cut")]))
        {
            _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            process.StandardError.ReadLine();
            using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            kill.WaitForExit();
            var rest = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("interrupted", rest, StringComparison.Ordinal);
        }

        Assert.Contains("going on", AttuneProcess.Run([.. line, folder.File("cut")]).Error, StringComparison.Ordinal);
        Assert.Equal(0, AttuneProcess.Run([.. line, folder.File("whole")]).ExitCode);
        Assert.Equal(Weights("whole"), Weights("cut"));
    }

    [Fact]
    public void A_recipe_runs_each_of_its_seeds_and_settings_override_it()
    {
        TinyText.Write(folder.File("text.txt"));
        File.WriteAllText(folder.File("recipe.yaml"), Recipe);
        var outcomes = AttuneProcess.Run("run", folder.File("recipe.yaml"), "--out", folder.File("run"), "--set", "training.steps=3", "--json").Json();
        Assert.Equal([(4, 3), (5, 3)], outcomes.EnumerateArray().Select(o => (o.GetProperty("seed").GetInt32(), o.GetProperty("steps").GetInt32())));
        Assert.NotEqual(Weights("run/seed-4", ""), Weights("run/seed-5", ""));
        Assert.Equal("step-00000003", Path.GetFileName(Assert.Single(Directory.GetDirectories(folder.File("run/seed-4/checkpoints")))));
        Refused(
            3, ["run", folder.File("recipe.yaml"), "--out", folder.File("run"), "--set", "training.steps=3", "--set", "objective.probability=0.3"],
            "run.settings.probability", "0.15", "0.3");
        Refused(
            3, ["run", folder.File("recipe.yaml"), "--out", folder.File("run"), "--set", "tokenizer.vocabulary=50"],
            "training.json", "'vocabulary'", "100", "50");
        File.AppendAllText(folder.File("text.txt"), "More.\n");
        Refused(3, ["run", folder.File("recipe.yaml"), "--out", folder.File("run")], "training.json", "'text'");
        File.WriteAllText(folder.File("text.txt"), "\n");
        Refused(3, ["run", folder.File("recipe.yaml"), "--out", folder.File("empty")], "the text is empty");
    }

    [Fact]
    public void Changed_text_of_the_same_size_is_noticed_and_can_be_accepted()
    {
        TinyText.Write(folder.File("text.txt"));
        File.WriteAllText(folder.File("recipe.yaml"), Recipe);
        string[] line = ["run", folder.File("recipe.yaml"), "--out", folder.File("run")];
        Assert.Equal(0, AttuneProcess.Run(line).ExitCode);
        // The tokenizer is loaded from here on, so that it does not notice either.
        line = [.. line[..3], folder.File("again"), "--set", $"tokenizer={{ from: {folder.File("run/tokenizer")} }}"];
        Assert.Equal(0, AttuneProcess.Run(line).ExitCode);
        string text = File.ReadAllText(folder.File("text.txt"));
        File.WriteAllText(folder.File("text.txt"), text[..^3] + (text[^3] == 'e' ? 'a' : 'e') + text[^2..]);
        Refused(3, line, "trainer.json", "'run.origins.data.text'", $"{text.Length} bytes", "data.accept_changes");
        Assert.Equal(0, AttuneProcess.Run([.. line, "--set", "data.accept_changes=true"]).ExitCode);
    }

    [Theory]
    [InlineData("steps: 5", "stepz: 5", "line 8", "'training.stepz'", "Did you mean 'steps'?")]
    [InlineData("objective: masked-lm", "objective: masked-ml", "'masked-ml'", "did you mean 'masked-lm'?")]
    [InlineData("family: bert", "family: bort", "'bort'", "did you mean 'bert'?")]
    [InlineData("steps: 5", "steps: many", "line 8", "'training.steps'", "many")]
    [InlineData("seeds: [4, 5]", "seeds: [4, 5", "recipe.yaml")]
    [InlineData("objective: masked-lm", "objective: causal-lm", "causal")]
    [InlineData("text: text.txt", "text: texts.txt", "texts.txt")]
    public void A_recipe_that_is_wrong_is_bad_input(string right, string wrong, params string[] named)
    {
        TinyText.Write(folder.File("text.txt"));
        File.WriteAllText(folder.File("recipe.yaml"), Recipe.Replace(right, wrong, StringComparison.Ordinal));
        Refused(3, ["run", folder.File("recipe.yaml"), "--out", folder.File("run")], named);
    }

    [Fact]
    public void A_missing_recipe_is_named() => Refused(3, ["run", folder.File("none.yaml")], "none.yaml");

    [Fact]
    public void A_label_that_the_model_does_not_have_is_named_with_its_line()
    {
        TinyModel.Bert(folder.Path, "BertForSequenceClassification", labels: 2);
        File.WriteAllLines(folder.File("data.csv"), ["text,label", "the stream,class 1", "is long,class 2"]);
        Refused(3, ["evaluate", folder.Path, "--data", folder.File("data.csv")], "data.csv, line 3", "'class 2'", "class 0, class 1");
    }

    [Fact]
    public void A_column_that_is_not_there_is_named()
    {
        TinyModel.Bert(folder.Path, "BertModel");
        File.WriteAllLines(folder.File("data.csv"), ["sentence,label", "the stream,0"]);
        Refused(3, ["finetune", folder.Path, "--data", folder.File("data.csv"), "--out", folder.File("run")], "'text'", "sentence");
    }

    [Fact]
    public void A_learning_rate_that_blows_up_is_a_failed_run_that_names_the_step()
    {
        var text = TinyText.Write(folder.File("text.txt"));
        var result = AttuneProcess.Run(
            ["pretrain", "--text", text, "--steps", "50", "--rate", "100", "--set", "training.optimizer.name=sgd", "--set", "training.clip=0",
            "--set", "training.schedule.warmup=0", "--out", folder.File("run"), .. TinyText.Model]);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"attune: error: Step \d+: ", result.ErrorLines[^1]);
    }

    [Fact]
    public void Evaluate_wants_exactly_one_kind_of_data() => Refused(2, ["evaluate", folder.Path], "--data", "--text");

    [Fact]
    public void A_full_disk_is_the_machines_fault_and_is_named() => OnSmallDisk("size=64k", readOnly: false, "disk is full");

    [Fact]
    public void A_read_only_disk_is_the_machines_fault_and_is_named() => OnSmallDisk("size=1m", readOnly: true, "ead-only");

    private void OnSmallDisk(string size, bool readOnly, string named)
    {
        var disk = folder.File("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Shell("mount", "-t", "tmpfs", "-o", size, "tmpfs", disk), "no right to mount a disk here");
        try
        {
            if (readOnly)
                Assert.True(Shell("mount", "-o", "remount,ro", disk));
            var text = TinyText.Write(folder.File("text.txt"));
            Refused(4, ["pretrain", "--text", text, "--steps", "3", "--out", Path.Combine(disk, "run"), .. TinyText.Model], Path.Combine(disk, "run"), named);
        }
        finally
        {
            Assert.True(Shell("umount", disk));
        }
    }

    private static bool Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static void Refused(int exitCode, string[] line, params string[] named)
    {
        var result = AttuneProcess.Run(line);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        var message = Assert.Single(result.ErrorLines, error => error.StartsWith("attune: error: ", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.OrdinalIgnoreCase));
    }

    private byte[] Weights(string run, string seed = "seed-0") => File.ReadAllBytes(Path.Combine(folder.File(run), seed, "model", "model.safetensors"));

    private const string Recipe =
        """
        name: tiny
        seeds: [4, 5]
        data: { text: text.txt, length: 16 }
        tokenizer: { train: wordpiece, vocabulary: 100 }
        objective: masked-lm
        training:
          batch: 8
          steps: 5
        model:
          family: bert
          config: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 16 }
        """;
}
