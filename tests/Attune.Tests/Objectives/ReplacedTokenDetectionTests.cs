using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Objectives;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Attune.Tests.Tensors;
using Attune.Tests.Training;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class ReplacedTokenDetectionTests
{
    [Fact]
    public void Both_models_learn_and_share_their_tables()
    {
        var objective = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId));
        Model model = MatrixExamples.Build("electra", objective.Heads).Model;
        Batch batch = objective.Collate(TinyModels.Counting(4), new RandomStream(1));
        var tape = new Tape();
        tape.Begin(recording: true, training: true, new RandomStream(1));
        tape.Backward(objective.Loss(new Pass(tape), model, batch));
        (string Name, Parameter Parameter)[] all = [.. model.NamedParameters()];
        Assert.All(all, named => Assert.True(named.Parameter.Value.Grad is not null, named.Name));
        Assert.Contains(all, named => named.Name == "generator.electra.encoder.layer.0.attention.self.query.weight");
        Assert.DoesNotContain(all, named => named.Name.StartsWith("generator.electra.embeddings.", StringComparison.Ordinal));
    }

    [Fact]
    public void Samples_follow_the_scores()
    {
        float[] logits = [0, 1, 2];
        double[] weights = [.. logits.Select(l => Math.Exp(l))];
        int[] counts = new int[3];
        float[] noise = new float[3];
        var random = new RandomStream(5);
        for (int i = 0; i < 20_000; i++)
        {
            for (int t = 0; t < 3; t++)
                noise[t] = random.Uniform(i * 3 + t);
            counts[ReplacedTokenDetection.SampleOf(logits, noise)]++;
        }
        for (int t = 0; t < 3; t++)
            Assert.Equal(weights[t] / weights.Sum(), counts[t] / 20_000.0, 0.015);
    }

    [Fact]
    public void The_policy_gradient_is_that_of_the_expected_reward_whatever_the_baseline()
    {
        float[] rewards = [0.3f, 2.1f, 0.9f, 1.4f, 0.2f];
        Tensor logits = GradientCheck.Normal([1, rewards.Length], 4);
        var tape = new Tape();
        tape.Begin(recording: false);
        float[] policy = tape.Softmax(logits).ToArray();
        // The average over all draws, each as often as it comes.
        double[] mean = new double[rewards.Length], raw = new double[rewards.Length];
        for (int token = 0; token < rewards.Length; token++)
        {
            Accumulate(mean, token, 0.8f);
            Accumulate(raw, token, 0);
        }
        double[] exact = Differences(logits, rewards);
        for (int token = 0; token < rewards.Length; token++)
        {
            Assert.Equal(-exact[token], mean[token], 1e-3);
            Assert.Equal(-exact[token], raw[token], 1e-3);
        }

        void Accumulate(double[] sum, int token, float baseline)
        {
            logits.ClearGradient();
            tape.Begin(recording: true);
            tape.Backward(PolicyGradient.Loss(tape, logits, [token], [rewards[token]], [baseline]));
            for (int i = 0; i < sum.Length; i++)
                sum[i] += (double)policy[token] * logits.Grad!.Span[i];
        }
    }

    [Theory]
    [InlineData(ReplacedTokenVariant.Generator)]
    [InlineData(ReplacedTokenVariant.Discriminator)]
    public void A_stage_trains_one_of_both_and_that_one_learns(ReplacedTokenVariant variant)
    {
        var objective = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId) { Variant = variant, DetectionWeight = 1 });
        Model model = Electra(objective);
        bool generator = variant == ReplacedTokenVariant.Generator;
        Dictionary<string, float[]> before = Values(model);
        (double first, double last) = Losses(objective, model, 40, _ => true);
        Assert.True(last < 0.8 * first, $"{first} to {last}");
        Assert.All(model.NamedParameters(), named =>
        {
            bool moved = !before[named.Name].AsSpan().SequenceEqual(named.Parameter.Value.Span);
            Assert.Equal(named.Name.StartsWith("generator.", StringComparison.Ordinal) == generator, moved);
        });
    }

    [Fact]
    public void A_model_that_starts_from_its_generator_reads_as_it_does()
    {
        var objective = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId));
        Model model = Electra(objective);
        TokenBatch batch = TokenBatch.Of([5, 9, 7, 4]);
        var tape = new Tape();
        tape.Begin(recording: false);
        float[] generator = model.Head<IGeneratorHead>(HeadKind.Generator).Forward(new Pass(tape), batch).Hidden.ToArray();
        Assert.NotEqual(generator, model.Forward(new Pass(tape), batch).Hidden.ToArray());
        GeneratorStart.Copy(model);
        Assert.Equal(generator, model.Forward(new Pass(tape), batch).Hidden.ToArray());

        Assert.Contains("generator_hidden_size", Assert.Throws<ArgumentException>(() => GeneratorStart.Copy(Electra(objective, share: 0.5))).Message, StringComparison.Ordinal);
        Assert.Contains("shared_embeddings", Assert.Throws<ArgumentException>(() => GeneratorStart.Copy(Electra(objective, shared: true))).Message, StringComparison.Ordinal);
        Assert.Contains("generator", Assert.Throws<ArgumentException>(() => GeneratorStart.Copy(MatrixExamples.Build("bert", []).Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adversarial_generator_deceives_a_model_that_does_not_learn()
    {
        var adversarial = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId) { Variant = ReplacedTokenVariant.Adversarial, Probability = 0.3 });
        Model model = Electra(adversarial);
        // First the model learns to find the tokens of a generator that knows nothing.
        var detection = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId) { Variant = ReplacedTokenVariant.Discriminator, DetectionWeight = 1, Probability = 0.3 });
        Losses(detection, model, 60, _ => true);
        double found = Detection(detection, model);
        Losses(adversarial, model, 150, named => named.Path.StartsWith("generator", StringComparison.Ordinal), rate: 3e-3);
        double deceived = Detection(detection, model);
        Assert.True(deceived > 1.3 * found, $"{found} to {deceived}");
    }

    [Fact]
    public void The_baseline_learns_from_rows_that_it_does_not_change()
    {
        var objective = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId) { Variant = ReplacedTokenVariant.Adversarial });
        Model model = Electra(objective);
        Assert.Contains(model.NamedParameters(), p => p.Name == "generator_baseline.weight");
        var head = model.Head<IBaselineHead>(HeadKind.GeneratorBaseline);
        Tensor rows = GradientCheck.Normal([6, model.Head<IGeneratorHead>(HeadKind.Generator).Body.Width], 1);
        var tape = new Tape();
        tape.Begin(recording: true);
        Tensor logits = head.Logits(new Pass(tape), rows);
        tape.Backward(tape.BinaryCrossEntropyWithLogits(logits, Tensor.From(logits.Shape, [1, 0, 1, 1, 0, 0.5f])));
        Assert.Null(rows.Grad);
        Assert.All(head.AllPaths(), p => Assert.NotNull(p.Parameter.Value.Grad));
        // Whole losses reach it, the generator and the model alike.
        Batch batch = objective.Collate(TinyModels.Counting(4), new RandomStream(1));
        tape.Begin(recording: true, training: true, new RandomStream(1));
        tape.Backward(objective.Loss(new Pass(tape), model, batch));
        Assert.All(model.NamedParameters(), p => Assert.True(p.Parameter.Value.Grad is { } gradient && gradient.ToArray().All(float.IsFinite), p.Name));
    }

    // The derivative of the expected reward by each score.
    private static double[] Differences(Tensor logits, float[] rewards)
    {
        double[] found = new double[rewards.Length];
        double Expected(int varied, double by)
        {
            double[] weights = [.. rewards.Select((_, i) => Math.Exp(logits.Span[i] + (i == varied ? by : 0)))];
            return weights.Zip(rewards, (weight, reward) => weight * reward).Sum() / weights.Sum();
        }
        for (int i = 0; i < found.Length; i++)
            found[i] = (Expected(i, 1e-4) - Expected(i, -1e-4)) / 2e-4;
        return found;
    }

    private static Model Electra(ReplacedTokenDetection objective, double share = 1, bool shared = false)
    {
        IFamily family = Catalog.Backbones.Get("electra");
        JsonFields config = MatrixExamples.Config(family);
        (config.Node["generator_hidden_size"], config.Node["shared_embeddings"]) = (share, shared);
        Model model = family.Build(config, objective.Heads);
        model.Initialize(1);
        return model;
    }

    private static Dictionary<string, float[]> Values(Model model) => model.NamedParameters().ToDictionary(p => p.Name, p => p.Parameter.Value.ToArray());

    private static (double First, double Last) Losses(ReplacedTokenDetection objective, Model model, int steps, Func<NamedParameter, bool> trained, double rate = 5e-3)
    {
        NamedParameter[] parameters = [.. model.Parameters()];
        Array.ForEach(parameters, p => p.Parameter.Trainable = trained(p) && p.Parameter.Role != ParameterRole.Buffer);
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(model, 0));
        var tape = new Tape();
        (double first, double last) = (0, 0);
        for (int step = 0; step < steps; step++)
        {
            Batch batch = objective.Collate(TinyModels.Counting(8), new RandomStream(11).Stream((uint)step));
            tape.Begin(recording: true, training: true, new RandomStream(3).Stream((uint)step));
            Tensor loss = objective.Loss(new Pass(tape), model, batch);
            last += (loss.Item - last) * (step == 0 ? 1 : 0.2);
            first = step == 0 ? last : first;
            tape.Backward(loss);
            optimizer.Step(rate);
            optimizer.ClearGradients();
        }
        return (first, last);
    }

    // How badly the model does, as a mean over draws.
    private static double Detection(ReplacedTokenDetection objective, Model model)
    {
        var tape = new Tape();
        double sum = 0;
        for (int draw = 0; draw < 20; draw++)
        {
            Batch batch = objective.Collate(TinyModels.Counting(8), new RandomStream(77).Stream((uint)draw));
            tape.Begin(recording: false, training: false, new RandomStream(5).Stream((uint)draw));
            sum += objective.Loss(new Pass(tape), model, batch).Item;
        }
        return sum / 20;
    }
}
