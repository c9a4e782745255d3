using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>The hand-written backward passes of the fused operations against differences of their forward passes, on odd shapes.</summary>
public sealed class FusedGradientTests
{
    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Linear_with_every_activation(Activation activation)
    {
        // ReLU has no derivative at 0, so no difference may straddle it: its inputs are far from zero.
        bool kink = activation == Activation.Relu;
        Tensor[] inputs = kink
            ? [Ones([3, 2]), GradientCheck.Distinct([5, 2], 1), Ones([5])]
            : [GradientCheck.Normal([3, 7], 0), GradientCheck.Normal([19, 7], 1, 0.5f), GradientCheck.Normal([19], 2)];
        GradientCheck.Run((tape, x) => tape.Linear(x[0], x[1], x[2], activation), inputs, 3e-3);
        GradientCheck.Run((tape, x) => tape.Activate(x[0], activation), [GradientCheck.Distinct([3, 5], 3)], 3e-3);
    }

    [Fact]
    public void Linear_in_both_layouts_and_without_bias()
    {
        GradientCheck.Run((tape, x) => tape.Linear(x[0], x[1], null), [2, 3, 9], [17, 9]);
        GradientCheck.Run((tape, x) => tape.Linear(x[0], x[1], x[2], Activation.Tanh, WeightLayout.InOut), [3, 5], [5, 18], [18]);
        GradientCheck.Run((tape, x) => tape.Linear(x[0], x[1]), [1, 1], [1, 1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    public void Norms(int width)
    {
        GradientCheck.Run((tape, x) => tape.LayerNorm(x[0], x[1], x[2], 0.1f), [5, width], [width], [width]);
        GradientCheck.Run((tape, x) => tape.LayerNorm(x[0], null, null, 0.1f), [2, 2, width]);
        GradientCheck.Run((tape, x) => tape.RmsNorm(x[0], x[1], 0.1f), [3, width], [width]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4f)]
    public void Norms_after_residuals(float dropout)
    {
        const int width = 21;
        Tensor[] inputs = [.. new Shape[] { [5, width], [5, width], [width], [width] }.Select((shape, i) => GradientCheck.Normal(shape, (uint)i))];
        bool training = dropout > 0;
        GradientCheck.Run((tape, x) => tape.AddNorm(x[0], x[1], x[2], x[3], 0.1f, dropout), inputs, training: training);
        GradientCheck.Run((tape, x) => tape.AddRmsNorm(x[0], x[1], x[2], 0.1f, dropout), inputs[..3], training: training);
        GradientCheck.Run((tape, x) => tape.AddDropout(x[0], x[1], dropout), inputs[..2], training: training);
        GradientCheck.Run((tape, x) => Both(tape, tape.AddThenNorm(x[0], x[1], x[2], x[3], 0.1f, dropout)), inputs, training: training);
        GradientCheck.Run((tape, x) => Both(tape, tape.AddThenRmsNorm(x[0], x[1], x[2], 0.1f, dropout)), inputs[..3], training: training);
        GradientCheck.Run((tape, x) => tape.AddThenNorm(x[0], x[1], x[2], x[3], 0.1f, dropout).Normed, inputs, training: training);
        GradientCheck.Run((tape, x) => tape.AddThenNorm(x[0], x[1], null, null, 0.1f, dropout).Sum, inputs[..2], training: training);
        GradientCheck.Run((tape, x) => tape.Dropout(x[0], dropout), inputs[..1], training: training);
    }

    [Fact]
    public void Softmax_and_its_logarithm()
    {
        GradientCheck.Run((tape, x) => tape.Softmax(x[0]), [3, 2, 19]);
        GradientCheck.Run((tape, x) => tape.LogSoftmax(x[0]), [3, 35]);
        GradientCheck.Run((tape, x) => tape.Softmax(x[0]), [2, 1]);
    }

    [Fact]
    public void Embeddings()
    {
        int[] ids = [4, 0, 4, 2, 4], positions = [0, 1, 2, 0, 1];
        GradientCheck.Run((tape, x) => tape.Embedding(x[0], ids), [5, 9]);
        GradientCheck.Run((tape, x) => tape.EmbeddingSum([(x[0], ids), (x[1], positions), (x[2], new int[5])]), [5, 67], [3, 67], [1, 67]);
    }

    [Theory]
    [InlineData(0, LossReduction.Mean)]
    [InlineData(0.1f, LossReduction.Mean)]
    [InlineData(0.1f, LossReduction.Sum)]
    [InlineData(0.2f, LossReduction.None)]
    public void Cross_entropy(float smoothing, LossReduction reduction)
    {
        int[] labels = [3, -100, 0, 20, 3];
        GradientCheck.Run((tape, x) => tape.CrossEntropy(x[0], labels, smoothing: smoothing, reduction: reduction), [5, 21]);
        if (reduction != LossReduction.None)
        {
            GradientCheck.Run(
                (tape, x) => tape.LinearCrossEntropy(x[0], x[1], x[2], labels, smoothing: smoothing, scale: 0.5f, reduction: reduction),
                [5, 7], [21, 7], [21]);
            GradientCheck.Run(
                (tape, x) => tape.LinearCrossEntropy(x[0], x[1], null, new[] { 3, 1, 0, 20, 3 }, smoothing: smoothing, reduction: reduction),
                [5, 7], [21, 7]);
        }
    }

    [Fact]
    public void Attention_of_ragged_sequences_and_packed_heads()
    {
        var segments = Segments.FromLengths(3, 0, 5, 1);
        GradientCheck.Run(
            (tape, x) => tape.Attention(
                Heads.Part(x[0], 0, 3, 2), Heads.Part(x[0], 1, 3, 2), Heads.Part(x[0], 2, 3, 2), segments, segments, new AttentionOptions { Causal = true }),
            [9, 3 * 2 * 5]);
    }

    [Fact]
    public void Attention_across_sequences_with_bias_mask_and_dropout()
    {
        var queries = Segments.FromLengths(3, 2);
        var keys = Segments.FromLengths(4, 6);
        bool[] mask = [true, true, false, true, true, true, true, false, true, true];
        Tensor[] inputs =
        [
            GradientCheck.Normal([5, 2 * 3], 0), GradientCheck.Normal([10, 2 * 3], 1), GradientCheck.Normal([10, 2 * 4], 2),
            GradientCheck.Normal([2, 3, 6], 3),
        ];
        GradientCheck.Run(
            (tape, x) => tape.Attention(
                Heads.Of(x[0], 2), Heads.Of(x[1], 2), Heads.Of(x[2], 2), queries, keys,
                new AttentionOptions { Bias = x[3], KeyMask = mask, Dropout = 0.3f, Scale = 0.7f }),
            inputs, training: true);

        inputs[3] = GradientCheck.Normal([2 * (3 * 4 + 2 * 6)], 4);
        GradientCheck.Run(
            (tape, x) => tape.Attention(
                Heads.Of(x[0], 2), Heads.Of(x[1], 2), Heads.Of(x[2], 2), queries, keys, new AttentionOptions { Bias = x[3], Window = 2, CausalOffset = 1 }),
            inputs);
    }

    [Fact]
    public void Attention_with_probabilities()
    {
        var segments = Segments.FromLengths(3, 5);
        GradientCheck.Run(
            (tape, x) =>
            {
                (Tensor output, Tensor probabilities) = tape.AttentionWithProbabilities(
                    Heads.Of(x[0], 2), Heads.Of(x[1], 2), Heads.Of(x[2], 2), segments, segments, new AttentionOptions { Causal = true, Window = 3 });
                return tape.Add(tape.Sum(tape.Multiply(output, output)), tape.Sum(tape.Multiply(probabilities, probabilities)));
            },
            [8, 6], [8, 6], [8, 2]);
    }

    private static Tensor Both(Tape tape, (Tensor Sum, Tensor Normed) results) => tape.Add(tape.Multiply(results.Sum, results.Sum), results.Normed);

    private static Tensor Ones(Shape shape) => Tensor.From(shape, [.. Enumerable.Repeat(1f, (int)shape.Count)], requiresGradient: true);
}
