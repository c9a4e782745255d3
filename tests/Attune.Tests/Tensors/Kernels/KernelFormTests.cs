using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Tensors.Kernels;

/// <summary>
/// Every family of kernels, forward and backward, in each fast form against the portable one: at widths around the borders of vectors (8 and
/// 16 numbers) and of runs of several vectors, so that full vectors, remainders and nothing but a remainder all occur.
/// </summary>
public sealed class KernelFormTests
{
    private static readonly int[] Widths = [1, 7, 9, 17, 35, 66, 131];
    private static readonly Segments Two = Segments.FromLengths(4, 3);
    private static readonly int[] Ids = [1, 0, 6, 1, 3];

    private static readonly Dictionary<string, Func<int, (GradientCheck.Operation Operation, Shape[] Shapes)>> Families = new()
    {
        ["Activation"] = w => (
            (tape, x) => tape.Concat(0, [.. Enum.GetValues<Activation>().Select(activation => tape.Activate(x[0], activation))]), [[3, w]]),
        ["Attention"] = w => (
            (tape, x) => tape.Attention(Heads.Of(x[0], 1), Heads.Of(x[1], 1), Heads.Of(x[2], 1), Two, Two, new AttentionOptions { Causal = true, Dropout = 0.2f }),
            [[7, w], [7, w], [7, w]]),
        ["Attention, lengths"] = w => (
            (tape, x) => tape.Attention(
                Heads.Of(x[0], 1), Heads.Of(x[1], 1), Heads.Of(x[2], 1), Segments.FromLengths(1, w), Segments.FromLengths(w, w + 5), new AttentionOptions { Bias = x[3] }),
            [[1 + w, 5], [2 * w + 5, 5], [2 * w + 5, 3], [1, w, w + 5]]),
        ["Convolution, sequences"] = w => (
            (tape, x) => tape.SequenceConvolution(x[0], x[1], x[2], Two, ConvolutionWindow.Centred(3)), [[7, w], [w, 3], [w]]),
        ["Convolution, dynamic"] = w => (
            (tape, x) => tape.DynamicConvolution(
                x[0], tape.TapSoftmax(x[1], Two, ConvolutionWindow.Causal(5), TapSelection.InsideSequence), Two, ConvolutionWindow.Causal(5)),
            [[7, w], [7, 5]]),
        ["Convolution, images"] = w => ((tape, x) => tape.Conv2d(x[0], x[1], x[2], new(3, 2, 1), new(3, 1, 1)), [[2, 3, 6, w], [4, 3, 3, 3], [4]]),
        ["CrossEntropy"] = w => ((tape, x) => tape.CrossEntropy(x[0], Labels(w), smoothing: 0.1f), [[5, w]]),
        ["CrossEntropy, weighted"] = w => ((tape, x) => tape.CrossEntropy(x[0], Labels(w), Enumerable.Range(1, w).Select(i => 1f / i).ToArray()), [[5, w]]),
        ["CrossEntropy, with the product"] = w => ((tape, x) => tape.LinearCrossEntropy(x[0], x[1], x[2], Labels(w)), [[5, 9], [w, 9], [w]]),
        ["Dropout"] = w => ((tape, x) => tape.Dropout(x[0], 0.3f), [[5, w]]),
        ["Elementwise"] = w => (
            (tape, x) => tape.Divide(
                tape.Multiply(tape.Add(x[0], x[1]), tape.Subtract(x[2], tape.Exp(x[0]))), tape.AddScalar(tape.Sqrt(tape.AddScalar(tape.Square(x[0]), 1)), 1)),
            [[3, w], [w], [3, 1]]),
        ["Elementwise, logarithms and powers"] = w => (
            (tape, x) => tape.Pow(tape.AddScalar(tape.Abs(tape.Log(tape.AddScalar(tape.Square(x[0]), 2))), 1), 1.5f), [[3, w]]),
        ["Elementwise, gates"] = w => ((tape, x) => tape.Glu(x[0]), [[3, 2 * w]]),
        ["Embedding"] = w => ((tape, x) => tape.EmbeddingSum([(x[0], Ids), (x[1], Ids)]), [[7, w], [8, w]]),
        ["Gemm"] = w => (
            (tape, x) => tape.Linear(tape.Linear(x[0], x[1], x[2], Activation.Gelu), x[3], null, Activation.None, WeightLayout.InOut), [[5, w], [w + 2, w], [w + 2], [w + 2, 3]]),
        ["Gemm, rows"] = w => ((tape, x) => tape.Linear(x[0], x[1]), [[w, 40], [37, 40]]),
        ["Loss"] = w => (
            (tape, x) => tape.Stack(
                0, tape.KlDivergence(x[0], Constant([3, w])), tape.MeanSquaredError(x[0], Constant([3, w])), tape.MeanAbsoluteError(x[0], Constant([3, w])),
                tape.BinaryCrossEntropyWithLogits(x[0], Constant([3, w])), tape.CosineEmbedding(x[0], x[1], [1, -1, 1])),
            [[3, w], [3, w]]),
        ["Norm"] = w => (
            (tape, x) => tape.RmsNorm(tape.AddNorm(tape.LayerNorm(x[0], x[1], x[2], 1e-2f), x[3], x[1], x[2], 1e-2f, 0.1f), x[1], 1e-2f), [[5, w], [w], [w], [5, w]]),
        ["Norm, channels"] = w => ((tape, x) => tape.GroupNorm(x[0], 2, x[1], x[2]), [[2, 4, 3, w], [4], [4]]),
        ["Pooling"] = w => (
            (tape, x) => tape.Add(tape.Sum(tape.MaxPool2d(x[0], new(2), new(3, 1, 1))), tape.Sum(tape.AvgPool2d(x[0], new(2), new(3, 1, 1)))), [[2, 3, 4, w]]),
        ["Products"] = w => ((tape, x) => tape.MatMul(tape.MatMul(x[0], x[1], transposeB: true), x[2]), [[2, 3, w], [2, 5, w], [2, 5, w]]),
        ["Recurrence"] = w => ((tape, x) => tape.Lstm(x[0], new LstmWeights(x[1], x[2], x[3]), Two).Output, [[7, 5], [4 * w, 5], [4 * w, w], [4 * w]]),
        ["Reduce"] = w => (
            (tape, x) => tape.Add(
                tape.Add(tape.Sum(tape.Max(x[0], 1)), tape.Sum(tape.Mean(x[0], 1))), tape.Add(tape.Max(x[0]), tape.Add(tape.Mean(tape.Max(x[0], 0)), tape.Sum(tape.Mean(x[0], 0))))),
            [[5, w]]),
        ["Reduce, segments"] = w => (
            (tape, x) => tape.Concat(0, tape.SegmentMean(x[0], Two), tape.SegmentMax(x[0], Two), tape.SegmentSum(x[0], Two), tape.RepeatRows(tape.SegmentLast(x[0], Two), Two)),
            [[7, w]]),
        ["Reduce, unit rows"] = w => ((tape, x) => tape.Normalize(x[0]), [[5, w]]),
        ["Residual"] = w => ((tape, x) => tape.AddDropout(x[0], x[1], 0.2f), [[5, w], [5, w]]),
        ["Shape"] = w => (
            (tape, x) => tape.Concat(1, tape.Pad(tape.Transpose(tape.Slice(x[0], 1, w / 3, w - (w / 3))), 0, 2, 1), tape.Expand(x[1], [w - (w / 3) + 3, 2])), [[5, w], [2]]),
        ["Shape, rows"] = w => ((tape, x) => tape.ScatterAddRows(tape.GatherRows(x[0], Ids), Ids, 9), [[7, w]]),
        ["Shape, resizing"] = w => ((tape, x) => tape.Resize(x[0], 5, w + 3, Interpolation.Cubic), [[2, 4, w]]),
        ["Softmax"] = w => ((tape, x) => tape.Add(tape.Softmax(x[0]), tape.LogSoftmax(x[0])), [[5, w]]),
    };

    public static TheoryData<string, InstructionSet> Cases
    {
        get
        {
            var cases = new TheoryData<string, InstructionSet>();
            foreach (InstructionSet set in Isa.Available.Where(set => set != InstructionSet.Portable))
            {
                foreach (string family in Families.Keys)
                    cases.Add(family, set);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fast_forms_equal_the_portable_one(string family, InstructionSet set)
    {
        foreach (int width in Widths)
        {
            (GradientCheck.Operation operation, Shape[] shapes) = Families[family](width);
            Tensor[] inputs = [.. shapes.Select((shape, i) => GradientCheck.Normal(shape, (uint)i, 0.7f))];
            float[][] expected = Results(InstructionSet.Portable, operation, inputs), found = Results(set, operation, inputs);
            for (int i = 0; i < expected.Length; i++)
            {
                string what = i == 0 ? "output" : $"gradient of input {i - 1}";
                float bound = 3e-5f * Math.Max(1, expected[i].Max(Math.Abs));
                for (int e = 0; e < expected[i].Length; e++)
                {
                    if (!(Math.Abs(expected[i][e] - found[i][e]) <= bound))
                        Assert.Fail($"{family} at width {width}, {what}, element {e}: {set} gives {found[i][e]}, portable {expected[i][e]}.");
                }
            }
        }
    }

    [Fact]
    public void No_family_is_left_out()
    {
        string kernels = Path.Combine(Repository.Root, "src", "Attune.Tensors", "Kernels");
        // Optimizer steps have no gradient: OptimizerKernelTests runs them on every set.
        var missing = Directory.GetDirectories(kernels).Select(folder => Path.GetFileName(folder)!)
            .Except(Families.Keys.Select(name => name.Split(',')[0])).Except(["Optimizer"]);
        Assert.Empty(missing);
    }

    private static float[][] Results(InstructionSet set, GradientCheck.Operation operation, Tensor[] inputs)
    {
        using IDisposable forced = Isa.Force(set);
        var tape = new Tape();
        tape.Begin(recording: false, training: true, new RandomStream(7));
        float[] output = operation(tape, inputs).ToArray();
        return [output, .. GradientCheck.Backward(tape, operation, inputs, training: true)];
    }

    private static Tensor Constant(Shape shape) => GradientCheck.Normal(shape, 99).Detach();

    private static int[] Labels(int classes) => [.. Ids.Select((id, row) => row == 2 ? -100 : id % classes)];
}
