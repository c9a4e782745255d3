using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tasks;
using Attune.Tensors.Parallel;
using Attune.Tests.Formats;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Policies;
using Attune.Training.Schedules;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>The loop with real models, dropout and all.</summary>
public sealed class RealModelTests
{
    public static TheoryData<string> Learnables =>
        ["mlm", "clm", "classification", "regression", "tagging", "answering", "choice", "perplexity", "causal-classification", "pairs"];

    [Theory]
    [MemberData(nameof(Learnables))]
    public void Everything_learns_a_tiny_set_by_heart(string name)
    {
        (ILearnable learnable, Model model, Example[] examples) = Make(name, dropout: 0);
        EvaluationResult before = Evaluation.Run(model, learnable, new EvaluationBatches(learnable, new ListExampleSet(examples), 5));
        Train(model, learnable, examples, new TrainerOptions { Steps = name is "mlm" or "pairs" ? 500 : 150, Seed = 1 }, rate: 5e-3);
        EvaluationResult after = Evaluation.Run(model, learnable, new EvaluationBatches(learnable, new ListExampleSet(examples), 5));
        Assert.True(after.Loss < 0.5 * before.Loss, $"{name}: the loss fell from {before.Loss} to {after.Loss} only.");
        Assert.All(after.Figures, figure => Assert.True(double.IsFinite(figure.Value), $"{name}: {figure}"));
    }

    [Theory]
    [InlineData("mlm")]
    [InlineData("clm")]
    [InlineData("classification")]
    [InlineData("choice")]
    [InlineData("tagging")]
    public void Splitting_a_batch_changes_rounding_only_even_with_dropout(string name)
    {
        (double Loss, double Norm)[] whole = Steps(8, 1), split = Steps(2, 4);
        foreach (((double Loss, double Norm) a, (double Loss, double Norm) b) in whole.Zip(split))
        {
            Assert.Equal(a.Loss, b.Loss, 1e-4);
            Assert.Equal(a.Norm, b.Norm, 1e-3 * a.Norm);
        }

        (double, double)[] Steps(int batchSize, int batchesPerStep)
        {
            (ILearnable learnable, Model model, Example[] examples) = Make(name, dropout: 0.3);
            var seen = new Recorder();
            Train(model, learnable, examples, new TrainerOptions { Steps = 3, Seed = 5 }, 1e-3, seen, batchSize, batchesPerStep);
            return [.. seen.Steps];
        }
    }

    [Fact]
    public void Threads_and_interruptions_do_not_change_a_bit_even_with_dropout()
    {
        using var folder = new TemporaryFolder();
        int threads = Workers.Count;
        try
        {
            Workers.Count = 1;
            (ILearnable learnable, Model straight, Example[] examples) = Make("mlm", dropout: 0.2);
            Train(straight, learnable, examples, new TrainerOptions { Steps = 6, Seed = 9 }, 1e-3);

            Workers.Count = 3;
            var options = new TrainerOptions { Steps = 6, Seed = 9, Folder = folder.Path };
            using var source = new CancellationTokenSource();
            (learnable, Model broken, _) = Make("mlm", dropout: 0.2);
            Train(broken, learnable, examples, options, 1e-3, new Recorder(step => Cancel(step, source)), cancellation: source.Token);
            (learnable, Model resumed, _) = Make("mlm", dropout: 0.2, seed: 1234);
            Train(resumed, learnable, examples, options, 1e-3);
            Assert.Equal(ToyModel.Bits(straight), ToyModel.Bits(resumed));
        }
        finally
        {
            Workers.Count = threads;
        }

        static void Cancel(long step, CancellationTokenSource source)
        {
            if (step == 3)
                source.Cancel();
        }
    }

    [Fact]
    public void Recomputing_blocks_changes_nothing()
    {
        (ILearnable learnable, Model kept, Example[] examples) = Make("mlm", dropout: 0.2);
        (_, Model recomputed, _) = Make("mlm", dropout: 0.2);
        Train(kept, learnable, examples, new TrainerOptions { Steps = 3 }, 1e-3);
        Train(recomputed, learnable, examples, new TrainerOptions { Steps = 3, RecomputeBlocks = true }, 1e-3);
        Assert.Equal(ToyModel.Bits(kept), ToyModel.Bits(recomputed));
    }

    [Fact]
    public void A_step_of_a_model_as_deep_as_BERT_allocates_at_most_64_KB_of_managed_memory()
    {
        (ILearnable learnable, _, Example[] examples) = Make("mlm", dropout: 0.1);
        Model model = TinyModels.Bert(learnable.Heads, layers: 12);
        long last = 0, most = 0;
        Train(model, learnable, examples, new TrainerOptions { Steps = 30 }, 1e-3, new Recorder(step =>
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            most = step > 10 ? Math.Max(most, now - last) : 0;
            last = GC.GetAllocatedBytesForCurrentThread();
        }));
        Assert.True(most <= 64 << 10, $"A step allocates {most} bytes.");
    }

    [Fact]
    public void A_linear_probe_leaves_the_body_as_it_is()
    {
        (ILearnable learnable, Model model, Example[] examples) = Make("classification", dropout: 0.1);
        new TrainHeads().Apply(model);
        int[] body = Body(), all = ToyModel.Bits(model);
        Train(model, learnable, examples, new TrainerOptions { Steps = 3 }, 1e-2);
        Assert.Equal(body, Body());
        Assert.NotEqual(all, ToyModel.Bits(model));

        int[] Body() => [.. ((Attune.Nn.Parameters.Module)model.Backbone).Parameters()
            .SelectMany(p => p.Parameter.Value.ToArray()).Select(BitConverter.SingleToInt32Bits)];
    }

    private static void Train(
        Model model, ILearnable learnable, Example[] examples, TrainerOptions options, double rate, ITrainingObserver? observer = null,
        int batchSize = 5, int batchesPerStep = 1, CancellationToken cancellation = default) =>
        new Trainer(
            model, learnable,
            new ExampleBatches(
                learnable, new ListExampleSet(examples), new ReplacementSampler(examples.Length, batchSize * batchesPerStep, seed: 6), batchesPerStep, seed: 8),
            new Optimizer(new AdamW(), ParameterGroup.ByRole(model, 0.01)), new ConstantSchedule(rate), options)
        {
            Observers = observer is null ? [] : [observer],
        }.Run(cancellation);

    private static (ILearnable Learnable, Model Model, Example[] Examples) Make(string name, double dropout, ulong seed = 1)
    {
        Example[] examples = TinyModels.Counting(10);
        ILearnable learnable = name switch
        {
            "mlm" => new MaskedLm(new IndependentMasking(0.3), new TokenCorruption(TinyModels.MaskId, TinyModels.Vocabulary)),
            "pairs" => new SentencePairPretraining(
                new MaskedLm(new SpanMasking(0.2), new TokenCorruption(TinyModels.MaskId, TinyModels.Vocabulary))),
            "clm" => new CausalLm(),
            "perplexity" => new LanguageModelling(new CausalLm()),
            "classification" or "causal-classification" => new SequenceClassification(2),
            "regression" => new SequenceRegression(),
            "tagging" => new TokenClassification(["O", "B-A", "I-A"]),
            "answering" => new QuestionAnswering(),
            "choice" => new MultipleChoice(),
            _ => throw new ArgumentException(name),
        };
        if (name == "choice")
            examples = [.. Enumerable.Range(0, 10).Select(i => new Example { Choices = ChoicesOf(i, examples), Label = i % (2 + i % 3) })];
        bool causal = name is "clm" or "perplexity" or "causal-classification";
        Model model = causal ? TinyModels.Gpt2(learnable.Heads, seed, dropout) : TinyModels.Bert(learnable.Heads, seed, dropout);
        return (learnable, model, examples);
    }

    // The right choice is always the first sentence; there are two to four choices.
    private static Example[] ChoicesOf(int i, Example[] sentences)
    {
        Example[] choices = sentences[1..(3 + i % 3)];
        choices[i % choices.Length] = sentences[0];
        return choices;
    }

    private sealed class Recorder(Action<long>? stepped = null) : ITrainingObserver
    {
        public List<(double Loss, double Norm)> Steps { get; } = [];

        public void Stepped(in StepReport step)
        {
            Steps.Add((step.Loss, step.GradientNorm));
            stepped?.Invoke(step.Step);
        }
    }
}
