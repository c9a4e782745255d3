using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Ops;
using Attune.Tensors.Parallel;
using Attune.Tests.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>Results and gradients must have the same bits for any number of threads, at sizes that are worth sharing out.</summary>
[Collection(nameof(Workers))]
public sealed class ThreadIdentityTests
{
    private static readonly Segments Sequences = Segments.FromLengths(300, 1, 211);

    [Fact]
    public void Elementwise_operations() => Check(
        (tape, x) => tape.Divide(tape.Multiply(tape.Add(x[0], x[1]), tape.Exp(x[2])), tape.AddScalar(tape.Square(x[0]), 1)), [512, 160], [160], [512, 1]);

    [Fact]
    public void Reductions() => Check(
        (tape, x) => tape.Add(tape.Max(x[0], 1), tape.Add(tape.Sum(x[0], 1), tape.Mean(tape.Sum(tape.Transpose(x[0]), 0)))), [512, 700]);

    [Fact]
    public void Segments_and_rows()
    {
        int[] ids = [.. Enumerable.Range(0, 900).Select(i => i * 37 % 512)];
        Check(
            (tape, x) => tape.Concat(
                0, tape.SegmentMean(x[0], Sequences), tape.SegmentMax(x[0], Sequences), tape.RepeatRows(tape.SegmentSum(x[0], Sequences), Sequences),
                tape.GatherRows(x[0], ids), tape.ScatterAddRows(tape.GatherRows(x[0], ids), ids, 512)),
            [512, 130]);
    }

    [Fact]
    public void Gates_and_unit_rows() => Check((tape, x) => tape.Normalize(tape.Glu(x[0])), [512, 256]);

    [Fact]
    public void Losses()
    {
        Tensor other = GradientCheck.Normal([512, 200], 7).Detach();
        Check(
            (tape, x) => tape.Add(
                tape.Add(tape.KlDivergence(x[0], other, 2), tape.MeanSquaredError(x[0], other)),
                tape.BinaryCrossEntropyWithLogits(x[0], other)),
            [512, 200]);
    }

    [Fact]
    public void Sequence_convolutions()
    {
        ConvolutionWindow window = ConvolutionWindow.Centred(7);
        Check((tape, x) => tape.SequenceConvolution(x[0], x[1], x[2], Sequences, window), [512, 96], [4, 7], [96]);
        Check(
            (tape, x) => tape.DynamicConvolution(x[0], tape.TapSoftmax(x[1], Sequences, window, TapSelection.InsideSequence), Sequences, window),
            [512, 96], [512, 28]);
    }

    [Fact]
    public void Products_and_image_convolutions()
    {
        Check((tape, x) => tape.MatMul(x[0], x[1], transposeB: true), [2, 130, 70], [2, 90, 70]);
        Check((tape, x) => tape.Conv2d(x[0], x[1], x[2], new(3, 2, 1), new(3, 1, 1)), [2, 8, 30, 31], [12, 8, 3, 3], [12]);
    }

    [Fact]
    public void Image_operations()
    {
        Check((tape, x) => tape.GroupNorm(x[0], 2, x[1], x[2]), [3, 8, 40, 41], [8], [8]);
        Check(
            (tape, x) => tape.Add(
                tape.Resize(tape.MaxPool2d(x[0], new(3, 2, 1), new(3, 2, 1)), 9, 9, Interpolation.Cubic), tape.AdaptiveAvgPool2d(x[0], 9, 9)),
            [3, 8, 40, 41]);
    }

    [Fact]
    public void Recurrences() => Check((tape, x) => tape.Lstm(x[0], new LstmWeights(x[1], x[2]), Sequences).Output, [512, 20], [96, 20], [96, 24]);

    [Fact]
    public unsafe void Optimizer_steps()
    {
        float[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var count = new ThreadCount(threads);
            Tensor x = GradientCheck.Normal([300, 400], 1), g = GradientCheck.Normal([300, 400], 2);
            Tensor m = Tensor.Zeros(x.Shape), v = Tensor.Zeros(x.Shape), rows = Tensor.Zeros([300]), columns = Tensor.Zeros([400]);
            new AdamStep { Rate = 0.1, Step = 1, GradientScale = GradientNorm.ClipScale(GradientNorm.SumOfSquares(g.Pointer, g.Count), 1) }.Run(
                x.Pointer, g.Pointer, m.Pointer, v.Pointer, x.Count);
            new LambStep { Rate = 0.1, Step = 2 }.Run(x.Pointer, g.Pointer, m.Pointer, v.Pointer, x.Count);
            new AdafactorStep { Rate = 0.1, Step = 2 }.RunFactored(x.Pointer, g.Pointer, 1, 300, 400, rows.Pointer, columns.Pointer, null);
            GC.KeepAlive((g, m, v, rows, columns));
            return x.ToArray();
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    private static void Check(GradientCheck.Operation operation, params ReadOnlySpan<Shape> shapes)
    {
        var inputs = new Tensor[shapes.Length];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = GradientCheck.Normal(shapes[i], (uint)i, 0.5f);
        var tape = new Tape();
        float[][]? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var count = new ThreadCount(threads);
            float[][] gradients = GradientCheck.Backward(tape, operation, inputs);
            tape.Begin(recording: false);
            float[][] all = [.. gradients, operation(tape, inputs).ToArray()];
            first ??= all;
            for (int i = 0; i < all.Length; i++)
                Assert.True(first[i].AsSpan().SequenceEqual(all[i]), $"With {threads} threads, result {i} differs from that with one.");
        }
    }
}
