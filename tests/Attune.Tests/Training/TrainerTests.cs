using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Nn.Contracts;
using Attune.Tensors.Parallel;
using Attune.Tests.Formats;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_lowers_the_loss()
    {
        Model model = ToyModel.Make();
        var seen = new Recorder();
        TrainingResult result = Trainer(model, Options(60), seen).Run(TestContext.Current.CancellationToken);
        Assert.Equal(TrainingEnd.Completed, result.End);
        Assert.Equal(60, result.State.Step);
        // The labels are noisy: most of the loss cannot be learned away.
        double first = seen.Losses.Take(5).Average(), last = seen.Losses.TakeLast(5).Average();
        Assert.True(last < 0.8 * first, $"The loss fell from {first} to {last} only.");
    }

    [Fact]
    public void Eight_examples_at_once_and_four_times_two_are_the_same_update()
    {
        Model whole = ToyModel.Make(), split = ToyModel.Make();
        List<double> wholeLosses = Losses(whole, batchSize: 8, batchesPerStep: 1), splitLosses = Losses(split, 2, 4);
        Assert.Equal(wholeLosses.Count, splitLosses.Count);
        foreach ((double a, double b) in wholeLosses.Zip(splitLosses))
            Assert.Equal(a, b, 1e-6);
        foreach ((int a, int b) in ToyModel.Bits(whole).Zip(ToyModel.Bits(split)))
            Assert.Equal(BitConverter.Int32BitsToSingle(a), BitConverter.Int32BitsToSingle(b), 1e-5f);

        static List<double> Losses(Model model, int batchSize, int batchesPerStep)
        {
            var seen = new Recorder();
            Trainer(model, Options(10), seen, batchSize: batchSize, batchesPerStep: batchesPerStep).Run(TestContext.Current.CancellationToken);
            return seen.Losses;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_number_of_threads_does_not_change_a_bit(int threads)
    {
        int before = Workers.Count;
        Model one = ToyModel.Make(), many = ToyModel.Make();
        try
        {
            Workers.Count = 1;
            Trainer(one, Options(5)).Run(TestContext.Current.CancellationToken);
            Workers.Count = threads;
            Trainer(many, Options(5)).Run(TestContext.Current.CancellationToken);
        }
        finally
        {
            Workers.Count = before;
        }
        Assert.Equal(ToyModel.Bits(one), ToyModel.Bits(many));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(11)]
    public void An_interrupted_run_ends_with_the_same_bits(int interruptAfter)
    {
        Model straight = ToyModel.Make(), broken = ToyModel.Make();
        TrainingResult expected = Trainer(straight, Options(12, _folder.File("straight")) with { EvaluateEvery = 3, KeepBest = true }).Run(TestContext.Current.CancellationToken);

        TrainerOptions options = Options(12, _folder.File("broken")) with { EvaluateEvery = 3, KeepBest = true, CheckpointEvery = 2 };
        using var source = new CancellationTokenSource();
        TrainingResult first = Trainer(broken, options, new Interrupter(interruptAfter, source)).Run(source.Token);
        Assert.Equal(TrainingEnd.Cancelled, first.End);

        // A new process would begin with fresh weights, too.
        Model resumed = ToyModel.Make(seed: 99);
        var seen = new Recorder();
        TrainingResult second = Trainer(resumed, options, seen).Run(TestContext.Current.CancellationToken);
        Assert.Equal(interruptAfter, seen.StartedAt);
        Assert.Equal(TrainingEnd.Completed, second.End);
        Assert.Equal(ToyModel.Bits(straight), ToyModel.Bits(resumed));
        Assert.Equal(expected.State, second.State);
        Assert.Equal(expected.Evaluation, second.Evaluation! with { Figures = expected.Evaluation!.Figures });
    }

    [Fact]
    public void A_finished_run_is_not_run_again()
    {
        TrainerOptions options = Options(6, _folder.Path);
        Model first = ToyModel.Make(), again = ToyModel.Make(seed: 5);
        Trainer(first, options).Run(TestContext.Current.CancellationToken);
        var seen = new Recorder();
        Trainer(again, options, seen).Run(TestContext.Current.CancellationToken);
        Assert.Empty(seen.Losses);
        Assert.Equal(ToyModel.Bits(first), ToyModel.Bits(again));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_the_run_and_names_step_batch_and_checkpoint()
    {
        Example[] examples = [.. ToyModel.Examples(20), new Example { Ids = new[] { 11 } }];
        // The poisoned example is number 20, read in the sixth update.
        examples = [.. examples.Select((e, i) => i == 20 ? e : e with { Ids = e.Ids.ToArray().Select(id => id % 11).ToArray() })];
        Model model = ToyModel.Make();
        var trainer = new Trainer(
            model, new ToyObjective(poison: 11), new ExampleBatches(new ToyObjective(), new ListExampleSet(examples), new EpochSampler(21, 4, seed: 0, shuffle: false)),
            Optimizer(model), new ConstantSchedule(0.05), Options(10, _folder.Path) with { CheckpointEvery = 2 });
        TrainingException failure = Assert.Throws<TrainingException>(() => trainer.Run(TestContext.Current.CancellationToken));
        Assert.Equal(5, failure.Step);
        Assert.Contains("Step 5", failure.Message, StringComparison.Ordinal);
        Assert.Contains("NaN", failure.Message, StringComparison.Ordinal);
        Assert.Contains("20", failure.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000004", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("step-00000004", failure.Checkpoint, StringComparison.Ordinal);
        Assert.All(ToyModel.Bits(model), bits => Assert.True(float.IsFinite(BitConverter.Int32BitsToSingle(bits))));
    }

    [Fact]
    public void Patience_stops_a_run_that_no_longer_improves_and_the_best_weights_are_kept()
    {
        Model model = ToyModel.Make();
        // A rate that tears everything apart: the evaluation before the first update is the best.
        var trainer = new Trainer(
            model, new ToyObjective(), Batches(), new Optimizer(new Sgd { Momentum = 0 }, ParameterGroup.ByRole(model, 0)),
            new ConstantSchedule(50), Options(100, _folder.Path) with
            {
                EvaluateEvery = 1,
                EvaluateFirst = true,
                Patience = 3,
                KeepBest = true,
                MaxGradientNorm = null,
            })
        {
            Evaluation = Evaluation(),
        };
        int[] before = ToyModel.Bits(model);
        TrainingResult result = trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(TrainingEnd.StoppedEarly, result.End);
        Assert.Equal(3, result.State.Step);
        Assert.Equal(0, result.State.BestStep);
        Assert.Equal(before, ToyModel.Bits(model));
        Assert.Equal(result.State.BestFigure, result.Evaluation!.Loss);
    }

    [Fact]
    public void A_model_that_lacks_a_head_or_capability_is_refused_by_name()
    {
        Model model = ToyModel.Make();
        var causal = new Attune.Objectives.CausalLm();
        ArgumentException missing = Assert.Throws<ArgumentException>(() => new Trainer(
            model, causal, Batches(), Optimizer(model), new ConstantSchedule(1), Options(1)));
        Assert.Contains("causal", missing.Message, StringComparison.Ordinal);
        var tags = new Attune.Tasks.TokenClassification(["O", "B-X"]);
        ArgumentException head = Assert.Throws<ArgumentException>(() => new Trainer(
            model, tags, Batches(), Optimizer(model), new ConstantSchedule(1), Options(1)));
        Assert.Contains("token-classification", head.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_makes_little_garbage()
    {
        Model model = ToyModel.Make();
        var seen = new AllocationMeter();
        Trainer(model, Options(30), seen).Run(TestContext.Current.CancellationToken);
        Assert.True(seen.PerStep <= 16 << 10, $"A step of the toy model allocates {seen.PerStep} bytes.");
    }

    internal static TrainerOptions Options(long steps, string? folder = null) => new()
    {
        Steps = steps,
        Seed = 1,
        Folder = folder,
        MaxGradientNorm = 1,
    };

    internal static Optimizer Optimizer(Model model) => new(new AdamW(), ParameterGroup.ByRole(model, 0.01));

    internal static Trainer Trainer(
        Model model, TrainerOptions options, ITrainingObserver? observer = null, int batchSize = 4, int batchesPerStep = 1) =>
        new(model, new ToyObjective(), Batches(batchSize, batchesPerStep), Optimizer(model), new LinearSchedule(0.1, 3, 200), options)
        {
            Evaluation = Evaluation(),
            Observers = observer is null ? [] : [observer],
        };

    private static ExampleBatches Batches(int batchSize = 4, int batchesPerStep = 1) =>
        new(new ToyObjective(), new ListExampleSet(ToyModel.Examples(30)), new ReplacementSampler(30, batchSize * batchesPerStep, seed: 2), batchesPerStep, seed: 4);

    private static EvaluationBatches Evaluation() => new(new ToyObjective(), new ListExampleSet(ToyModel.Examples(9)), batchSize: 4);

    private sealed class Recorder : ITrainingObserver
    {
        public List<double> Losses { get; } = [];

        public long StartedAt { get; private set; } = -1;

        public void Started(TrainingStart start) => StartedAt = start.State.Step;

        public void Stepped(in StepReport step) => Losses.Add(step.Loss);
    }

    private sealed class Interrupter(long after, CancellationTokenSource source) : ITrainingObserver
    {
        public void Stepped(in StepReport step)
        {
            if (step.Step == after)
                source.Cancel();
        }
    }

    private sealed class AllocationMeter : ITrainingObserver
    {
        private long _last;

        public long PerStep { get; private set; }

        public void Stepped(in StepReport step)
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            PerStep = step.Step > 10 ? Math.Max(PerStep, now - _last) : 0;
            _last = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
