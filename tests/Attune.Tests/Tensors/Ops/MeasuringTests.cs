using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>On a measuring tape no operation touches memory, and each still knows its result's shape.</summary>
public sealed class MeasuringTests
{
    private static readonly Segments Two = Segments.FromLengths(4, 2);
    private static readonly ConvolutionWindow Window = ConvolutionWindow.Causal(3);
    private static readonly int[] Ids = [1, 0, 5];

    private static readonly Dictionary<string, Func<Tape, Func<Shape, Tensor>, Tensor>> Operations = new()
    {
        ["arithmetic"] = (tape, of) => tape.Add(tape.Subtract(of([6, 4]), of([4])), tape.Multiply(of([6, 1]), tape.Divide(of([4]), of([])))),
        ["functions"] = (tape, of) => tape.Exp(tape.Log(tape.Sqrt(tape.Square(tape.Pow(tape.Abs(tape.Negate(tape.AddScalar(of([3]), 1))), 3))))),
        ["masks"] = (tape, of) => tape.Where(of([6, 1]), tape.MaskedFill(of([6, 4]), of([4]), 1), of([])),
        ["gates"] = (tape, of) => tape.Normalize(tape.Glu(of([6, 8]))),
        ["shaping"] = (tape, of) => tape.Concat(0, tape.Split(tape.Pad(tape.Transpose(tape.Slice(of([6, 4]), 0, 1, 3)), 1, 2, 1), 1, 2, 4)[1], of([2, 4])),
        ["stacking"] = (tape, of) => tape.Expand(tape.Stack(1, of([2, 3]), of([2, 3])), [5, 2, 2, 3]),
        ["rows"] = (tape, of) => tape.ScatterAddRows(tape.GatherRows(of([6, 4]), Ids), Ids, 9),
        ["reductions"] = (tape, of) => tape.Add(tape.Sum(of([2, 3]), 1), tape.Add(tape.Mean(of([2, 3]), 1), tape.Add(tape.Max(of([2, 3]), 1), tape.Sum(of([2]))))),
        ["everything"] = (tape, of) => tape.Add(tape.Mean(of([2, 3])), tape.Max(of([2, 3]))),
        ["segments"] = (tape, of) => tape.Concat(
            0, tape.SegmentSum(of([6, 4]), Two), tape.SegmentMean(of([6, 4]), Two), tape.SegmentMax(of([6, 4]), Two), tape.SegmentFirst(of([6, 4]), Two),
            tape.SegmentLast(of([6, 4]), Two), tape.RepeatRows(of([2, 4]), Two)),
        ["losses"] = (tape, of) => tape.Stack(
            0, tape.MeanSquaredError(of([6, 4]), of([6, 4])), tape.MeanAbsoluteError(of([6, 4]), of([6, 4])),
            tape.BinaryCrossEntropyWithLogits(of([6, 4]), of([6, 4]), of([6, 4])), tape.KlDivergence(of([6, 4]), of([6, 4])),
            tape.CosineEmbedding(of([2, 4]), of([2, 4]), [1, -1])),
        ["distillation"] = (tape, of) => tape.Distillation(
            new(of([6, 9]), of([6, 4])), new(of([6, 9]), of([6, 4])), new[] { 1, -100, 2, 3, -100, 4 }, Two,
            new DistillationWeights { NextTokens = 1, SquaredError = 1, LabelledRowsOnly = true }).Total,
        ["products"] = (tape, of) => tape.MatMul(of([2, 3, 4]), of([2, 5, 4]), transposeB: true),
        ["sequences"] = (tape, of) => tape.SequenceConvolution(of([6, 4]), of([2, 3]), of([4]), Two, Window),
        ["dynamic"] = (tape, of) => tape.DynamicConvolution(of([6, 4]), tape.TapSoftmax(of([6, 6]), Two, Window), Two, Window),
        ["images"] = (tape, of) => tape.Conv2d(of([2, 4, 7, 7]), of([6, 2, 3, 3]), of([6]), new(3, 2), new(3, 1, 1), 2),
        ["signals"] = (tape, of) => tape.Conv1d(of([2, 4, 7]), of([6, 4, 3]), null, new(3)),
        ["patches"] = (tape, of) => tape.Patches(of([2, 3, 9, 8]), 4, 4),
        ["pools"] = (tape, of) => tape.AdaptiveAvgPool2d(tape.AvgPool2d(tape.MaxPool2d(of([2, 3, 9, 8]), new(2), new(2)), new(2, 2), new(2, 2)), 1, 2),
        ["norms"] = (tape, of) => tape.GroupNorm(tape.BatchNorm(of([2, 4, 3]), of([4]), of([4]), of([4]), of([4])), 2, of([4]), null),
        ["resizing"] = (tape, of) => tape.Resize(of([2, 4, 3]), 5, 6, Interpolation.Cubic, true),
        ["recurrence"] = (tape, of) => tape.Lstm(of([6, 4]), new LstmWeights(of([12, 4]), of([12, 3]), of([12])), Two).Output,
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Shapes_are_those_of_the_real_result(string name)
    {
        var real = new Tape();
        real.Begin(recording: false);
        Tensor computed = Operations[name](real, Tensor.Zeros);
        var measuring = new Tape();
        measuring.BeginMeasuring();
        Tensor measured = Operations[name](measuring, Tensor.WithoutMemory);
        Assert.Equal(computed.Shape, measured.Shape);
        Assert.True(measuring.ResultBytes >= 4 * computed.Count);
    }
}
