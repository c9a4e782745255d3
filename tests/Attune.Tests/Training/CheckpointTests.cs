using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tests.Formats;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Checkpoints;
using Attune.Training.Schedules;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        Run(10, options => options with { CheckpointEvery = 2, KeepCheckpoints = 3 });
        Assert.Equal(["step-00000006", "step-00000008", "step-00000010"], Names());
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer.json")]
    [InlineData("config.json")]
    [InlineData("seal.json")]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before(string file)
    {
        int[] expected = Run(10, options => options with { CheckpointEvery = 4 });
        foreach (Action<string> damage in (Action<string>[])[FlipLastByte, Truncate, File.Delete])
        {
            damage(Path.Combine(_folder.Path, "checkpoints", "step-00000010", file));
            var seen = new Warnings();
            Assert.Equal(expected, Run(10, options => options with { CheckpointEvery = 4 }, seen));
            Assert.Contains("step-00000010", Assert.Single(seen.Messages), StringComparison.Ordinal);
            Assert.Equal(["step-00000008", "step-00000010"], Names());
        }
    }

    [Fact]
    public void A_half_written_folder_of_a_dead_process_is_cleared_away()
    {
        string half = Path.Combine(_folder.Path, "checkpoints", "step-00000004.123-1.tmp");
        Directory.CreateDirectory(half);
        File.WriteAllText(Path.Combine(half, "model.safetensors"), "torn");
        Run(2, options => options);
        Assert.False(Directory.Exists(half));
        Assert.Equal(["step-00000002"], Names());
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        Run(4, options => options);
        AttuneFormatException seed = Assert.Throws<AttuneFormatException>(() => Run(8, options => options with { Seed = 77 }));
        Assert.Contains("seed", seed.Message, StringComparison.Ordinal);

        Model model = ToyModel.Make();
        var other = new Trainer(
            model, new ToyObjective(), new ExampleBatches(new ToyObjective(), new ListExampleSet(ToyModel.Examples(5)), new EpochSampler(5, 2, seed: 0, shuffle: false)),
            TrainerTests.Optimizer(model), new ConstantSchedule(0.1), TrainerTests.Options(8, _folder.Path));
        AttuneFormatException schedule = Assert.Throws<AttuneFormatException>(() => other.Run(TestContext.Current.CancellationToken));
        Assert.Contains("schedule", schedule.Message, StringComparison.Ordinal);
        Assert.Contains("empty folder", schedule.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_setting_of_the_objective_is_refused_with_both_values()
    {
        Mask(2, new IndependentMasking(0.15));
        AttuneFormatException probability = Assert.Throws<AttuneFormatException>(() => Mask(4, new IndependentMasking(0.3)));
        Assert.Contains("'run.settings.probability'", probability.Message, StringComparison.Ordinal);
        Assert.Contains("\"0.15\"", probability.Message, StringComparison.Ordinal);
        Assert.Contains("'0.3' as this run has it", probability.Message, StringComparison.Ordinal);

        AttuneFormatException strategy = Assert.Throws<AttuneFormatException>(() => Mask(4, new SpanMasking(0.15)));
        Assert.Contains("'run.settings.masking'", strategy.Message, StringComparison.Ordinal);
        AttuneFormatException corruption = Assert.Throws<AttuneFormatException>(() => Mask(4, new IndependentMasking(0.15), maskShare: 1));
        Assert.Contains("'run.settings.mask_share'", corruption.Message, StringComparison.Ordinal);
        AttuneFormatException clipping = Assert.Throws<AttuneFormatException>(() => Mask(4, new IndependentMasking(0.15), clip: 5));
        Assert.Contains("'run.clip'", clipping.Message, StringComparison.Ordinal);
        Assert.Equal(4, Mask(4, new IndependentMasking(0.15)).State.Step);
    }

    [Theory]
    [InlineData("data.text: 3 bytes, b", "'run.origins.data.text'", "\"3 bytes, a\"", "'3 bytes, b' as this run has it")]
    [InlineData("", "'run.origins.data.text'", "\"3 bytes, a\"", "nothing")]
    [InlineData("data.text: 3 bytes, a|data.validation: 5 bytes, c", "'run.origins.data.validation'", "'5 bytes, c'", "")]
    public void Changed_data_are_refused_unless_that_is_asked_for(string changed, params string[] named)
    {
        Originate(2, "data.text: 3 bytes, a");
        string message = Assert.Throws<AttuneFormatException>(() => Originate(4, changed)).Message;
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Contains("data.accept_changes", message, StringComparison.Ordinal);
        Assert.Equal(2, Originate(2, "data.text: 3 bytes, a").State.Step);
        Assert.Equal(4, Originate(4, changed, accept: true).State.Step);
        Assert.Equal(6, Originate(6, changed).State.Step);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_and_the_older_checkpoints_stay()
    {
        Run(4, options => options with { CheckpointEvery = 2 });
        int[] after = Run(4, options => options);
        string checkpoints = Path.Combine(_folder.Path, "checkpoints"), away = _folder.File("away");
        Directory.Move(checkpoints, away);
        // A file where the folder should be: no permissions are involved, so that it fails for every user.
        File.WriteAllText(checkpoints, "in the way");
        AttuneWriteException failure = Assert.Throws<AttuneWriteException>(() => Run(4, options => options));
        Assert.Contains("checkpoints", failure.Message, StringComparison.Ordinal);
        File.Delete(checkpoints);
        Directory.Move(away, checkpoints);
        Assert.Equal(after, Run(4, options => options));
    }

    [Fact]
    public void A_full_disk_is_named_and_leaves_the_older_checkpoints_and_nothing_half_written()
    {
        const int noSpace = 28;
        var folders = new StepFolders(_folder.Path);
        folders.Write(1, folder => File.WriteAllText(Path.Combine(folder, "weights"), "good"));
        AttuneWriteException failure = Assert.Throws<AttuneWriteException>(() => folders.Write(2, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "weights"), "ha");
            throw new IOException("No space left on device", noSpace);
        }));
        Assert.Contains("disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["step-00000001"], Directory.GetFileSystemEntries(_folder.Path).Select(p => Path.GetFileName(p)!));
        SealedFolder.Verify(folders.PathOf(1));
    }

    [Fact]
    public void Two_runs_cannot_share_a_folder()
    {
        var nested = new NestedRun(() => Run(2, options => options));
        Run(2, options => options, nested);
        Assert.Contains("another process", nested.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_of_a_resumed_run_has_each_step_once()
    {
        string path = _folder.File("log.jsonl");
        Run(4, options => options with { CheckpointEvery = 2 }, new JsonLinesLog(path, every: 1));
        // As if killed right after update 4, the last checkpoint being that of update 2, in the middle of a line.
        Directory.Delete(Path.Combine(_folder.Path, "checkpoints", "step-00000004"), recursive: true);
        File.AppendAllText(path, "{\"event\":\"step\",\"st");
        Run(4, options => options with { CheckpointEvery = 2 }, new JsonLinesLog(path, every: 1));
        string[] steps = [.. File.ReadLines(path).Where(line => line.Contains("\"event\":\"step\"", StringComparison.Ordinal))];
        Assert.Equal(4, steps.Length);
        for (int i = 0; i < 4; i++)
            Assert.Contains($"\"step\":{i + 1},", steps[i], StringComparison.Ordinal);
    }

    [Fact]
    public void TensorBoard_gets_training_and_evaluation_figures()
    {
        string folder = _folder.File("events");
        Run(6, options => options with { EvaluateEvery = 3 }, new TensorBoardLog(folder, every: 2));
        EventRecord[] records = [.. EventFileReader.Read(Assert.Single(Directory.GetFiles(folder)))];
        Assert.Equal([2L, 4L, 6L], records.Where(r => r.Tag == "train/loss").Select(r => r.Step));
        Assert.Equal([3L, 6L], records.Where(r => r.Tag == "eval/loss").Select(r => r.Step));
        Assert.All(records.Where(r => r.Value is not null), r => Assert.True(float.IsFinite(r.Value!.Value)));
    }

    private int[] Run(long steps, Func<TrainerOptions, TrainerOptions> options, ITrainingObserver? observer = null)
    {
        Model model = ToyModel.Make();
        TrainerTests.Trainer(model, options(TrainerTests.Options(steps, _folder.Path)), observer).Run(TestContext.Current.CancellationToken);
        return ToyModel.Bits(model);
    }

    private TrainingResult Mask(long steps, IMaskingStrategy strategy, double maskShare = 0.8, double clip = 1)
    {
        var objective = new MaskedLm(strategy, new TokenCorruption(TinyModels.MaskId, TinyModels.Vocabulary) { MaskShare = maskShare });
        Model model = TinyModels.Bert(objective.Heads);
        var batches = new ExampleBatches(objective, new ListExampleSet(TinyModels.Counting(6)), new EpochSampler(6, 3, seed: 0));
        TrainerOptions options = TrainerTests.Options(steps, _folder.Path) with { MaxGradientNorm = clip };
        return new Trainer(model, objective, batches, TrainerTests.Optimizer(model), new ConstantSchedule(0.001), options).Run(TestContext.Current.CancellationToken);
    }

    private TrainingResult Originate(long steps, string origins, bool accept = false)
    {
        Model model = ToyModel.Make();
        var batches = new ExampleBatches(new ToyObjective(), new ListExampleSet(ToyModel.Examples(6)), new EpochSampler(6, 2, seed: 0))
        {
            Origins = [.. origins.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(": ")).Select(pair => new Setting(pair[0], pair[1]))],
        };
        return new Trainer(
            model, new ToyObjective(), batches, TrainerTests.Optimizer(model), new ConstantSchedule(0.1),
            TrainerTests.Options(steps, _folder.Path) with { AcceptChangedData = accept }).Run(TestContext.Current.CancellationToken);
    }

    private string[] Names() =>
        [.. Directory.GetDirectories(Path.Combine(_folder.Path, "checkpoints")).Select(p => Path.GetFileName(p)!)
            .Where(name => !name.EndsWith(".damaged", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static void FlipLastByte(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void Truncate(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);

    private sealed class Warnings : ITrainingObserver
    {
        public List<string> Messages { get; } = [];

        public void Warned(string message) => Messages.Add(message);
    }

    private sealed class NestedRun(Action run) : ITrainingObserver
    {
        public Exception? Failure { get; private set; }

        public void Started(TrainingStart start) => Failure = Record.Exception(run);
    }
}
