using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>Attention against its definition in double precision, over the borders of its blocks, and what must not change its bits.</summary>
public sealed class AttentionTests
{
    private const int HeadCount = 2;

    public static TheoryData<int[], int[], string> Problems => new()
    {
        { [1, 83, 84, 85], [1, 83, 84, 85], "plain" },
        { [600, 43], [600, 43], "causal" },
        { [5, 300], [257, 513], "plain" },
        { [3, 90], [260, 300], "causal" },
        { [300, 7], [300, 7], "window" },
        { [130, 0, 5], [130, 3, 5], "mask" },
        { [100, 130], [100, 300], "bias" },
        { [90, 0, 6], [300, 2, 6], "uniform" },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void Output_and_gradients_equal_the_definition(int[] queryLengths, int[] keyLengths, string kind)
    {
        var queries = Segments.FromLengths(queryLengths);
        var keys = Segments.FromLengths(keyLengths);
        Tensor q = GradientCheck.Normal([queries.Rows, HeadCount * 5], 1), k = GradientCheck.Normal([keys.Rows, HeadCount * 5], 2);
        Tensor v = GradientCheck.Normal([keys.Rows, HeadCount * 3], 3), weights = GradientCheck.Normal([queries.Rows, HeadCount * 3], 4).Detach();
        bool[] mask = kind == "mask" ? [.. Enumerable.Range(0, keys.Rows).Select(row => row % 3 != 1 && row < 130)] : [];
        bool[] uniform = kind == "uniform" ? [.. Enumerable.Range(0, queries.Rows).Select(row => row % 4 == 1)] : [];
        Tensor? bias = kind == "bias" ? GradientCheck.Normal([HeadCount, queries.MaxLength, keys.MaxLength], 5) : null;
        var options = new AttentionOptions { Causal = kind is "causal" or "window", Window = kind == "window" ? 9 : null, KeyMask = mask, Bias = bias, UniformQueries = uniform };
        AttentionDefinition expected = AttentionDefinition.Compute(q, k, v, weights, HeadCount, queries, keys, options);

        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            foreach (Tensor input in new[] { q, k, v })
                input.ClearGradient();
            bias?.ClearGradient();
            tape.Begin(recording: true);
            Tensor output = tape.Attention(Heads.Of(q, HeadCount), Heads.Of(k, HeadCount), Heads.Of(v, HeadCount), queries, keys, options);
            Near(expected.Output, output, $"{set} output");
            tape.Backward(tape.Sum(tape.Multiply(output, weights)));
            Near(expected.QueryGradient, q.Grad!, $"{set} queries");
            Near(expected.KeyGradient, k.Grad!, $"{set} keys");
            Near(expected.ValueGradient, v.Grad!, $"{set} values");
            if (bias is not null)
                Near(expected.BiasGradient, bias.Grad!, $"{set} bias");
        }
    }

    [Fact]
    public void A_sequence_has_the_same_bits_alone_and_in_a_batch()
    {
        int[] lengths = [70, 1, 300, 17];
        var segments = Segments.FromLengths(lengths);
        Tensor packed = GradientCheck.Normal([segments.Rows, 3 * HeadCount * 8], 1);
        float[] together = Attend(new Tape(), packed.Detach(), segments);
        for (int s = 0; s < lengths.Length; s++)
        {
            float[] alone = Attend(new Tape(), packed.DetachedRows(segments.Start(s), lengths[s]), Segments.FromLengths(lengths[s]));
            int from = segments.Start(s) * HeadCount * 8;
            Assert.Equal(together[from..(from + alone.Length)], alone);
        }

        static float[] Attend(Tape tape, Tensor x, Segments segments)
        {
            tape.Begin(recording: false);
            return tape.Attention(Part(x, 0), Part(x, 1), Part(x, 2), segments, segments, new AttentionOptions { Causal = true }).ToArray();
        }
    }

    [Fact]
    public void A_query_with_keys_hidden_altogether_gives_zeros_and_no_gradient()
    {
        var segments = Segments.FromLengths(3);
        Tensor packed = GradientCheck.Normal([3, 3 * HeadCount * 4], 1);
        var tape = new Tape();
        tape.Begin(recording: true);
        Tensor output = tape.Attention(Part(packed, 0), Part(packed, 1), Part(packed, 2), segments, segments, new AttentionOptions { KeyMask = new bool[3] });
        tape.Backward(tape.Sum(output));
        Assert.All(output.ToArray(), y => Assert.Equal(0, y));
        Assert.All(packed.Grad!.ToArray(), g => Assert.Equal(0, g));
    }

    [Fact]
    public void Large_scores_neither_overflow_nor_lose_the_largest()
    {
        var segments = Segments.FromLengths(2);
        Tensor q = Tensor.From([2, 1], [1e4f, -1e4f]), k = Tensor.From([2, 1], [3e3f, -3e3f]), v = Tensor.From([2, 1], [5, 7]);
        var tape = new Tape();
        tape.Begin(recording: false);
        Assert.Equal([5, 7], tape.Attention(Heads.Of(q, 1), Heads.Of(k, 1), Heads.Of(v, 1), segments, segments, new AttentionOptions()).ToArray());
    }

    [Fact]
    public void Dropout_does_not_depend_on_how_a_batch_is_split()
    {
        var both = Segments.FromLengths(30, 20);
        Tensor packed = GradientCheck.Normal([50, 3 * HeadCount * 4], 1).Detach();
        float[] whole = Attend(packed, both, 0);
        float[] first = Attend(packed.DetachedRows(0, 30), Segments.FromLengths(30), 0);
        float[] second = Attend(packed.DetachedRows(30, 20), Segments.FromLengths(20), 30);
        Assert.Equal(whole, first.Concat(second));
        Assert.NotEqual(second, Attend(packed.DetachedRows(30, 20), Segments.FromLengths(20), 0));

        static float[] Attend(Tensor x, Segments segments, long rowOffset)
        {
            var tape = new Tape();
            tape.Begin(recording: false, training: true, new RandomStream(5));
            tape.RowOffset = rowOffset;
            return tape.Attention(Part(x, 0), Part(x, 1), Part(x, 2), segments, segments, new AttentionOptions { Dropout = 0.5f }).ToArray();
        }
    }

    [Fact]
    public void Probabilities_of_equal_lengths_are_a_tensor_of_four_axes_and_sum_to_one()
    {
        var segments = Segments.Equal(2, 90);
        Tensor packed = GradientCheck.Normal([180, 3 * HeadCount * 4], 1).Detach();
        var tape = new Tape();
        tape.Begin(recording: false);
        (_, Tensor probabilities) = tape.AttentionWithProbabilities(
            Part(packed, 0), Part(packed, 1), Part(packed, 2), segments, segments, new AttentionOptions { Causal = true });
        Assert.Equal(Shape.Of(2, HeadCount, 90, 90), probabilities.Shape);
        for (int row = 0; row < probabilities.Shape.Rows; row++)
            Assert.Equal(1, probabilities.Span.Slice(row * 90, 90).ToArray().Sum(), 1e-5f);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        var segments = Segments.FromLengths(4);
        Tensor x = Tensor.Zeros([4, 12]);
        var tape = new Tape();
        tape.Begin(recording: false);
        Assert.Contains("rows of its segments", Error(Heads.Of(Tensor.Zeros([5, 12]), 2), new AttentionOptions()), StringComparison.Ordinal);
        Assert.Contains("equally many heads", Error(Heads.Of(x, 3), new AttentionOptions()), StringComparison.Ordinal);
        Assert.Contains("do not fit", Error(new Heads(x, 8, 2, 6), new AttentionOptions()), StringComparison.Ordinal);
        Assert.Contains("key mask", Error(Heads.Of(x, 2), new AttentionOptions { KeyMask = new bool[3] }), StringComparison.Ordinal);
        Assert.Contains("shared bias", Error(Heads.Of(x, 2), new AttentionOptions { Bias = Tensor.Zeros([2, 3, 4]) }), StringComparison.Ordinal);
        Assert.Contains("window", Error(Heads.Of(x, 2), new AttentionOptions { Window = 0 }), StringComparison.Ordinal);
        Assert.Contains("probability", Error(Heads.Of(x, 2), new AttentionOptions { Dropout = 1 }), StringComparison.Ordinal);

        string Error(Heads q, AttentionOptions options) => Assert.ThrowsAny<ArgumentException>(
            () => tape.Attention(q, Heads.Of(x, 2), Heads.Of(x, 2), segments, segments, options)).Message;
    }

    private static Heads Part(Tensor packed, int part) => Heads.Part(packed, part, 3, HeadCount);

    private static void Near(double[] expected, Tensor actual, string what)
    {
        ReadOnlySpan<float> found = actual.Span;
        double bound = 2e-5 * Math.Max(0.01, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= bound, $"{what}: element {i} is {found[i]}, expected {expected[i]}.");
    }
}
