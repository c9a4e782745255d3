using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class ReductionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Axes_are_reduced(int axis)
    {
        Tensor x = GradientCheck.Distinct([5, 19, 23], 1);
        Shape kept = ShapeRules.With(x.Shape, axis, 1);
        var columns = Naive.Positions(kept).Select(p => Enumerable.Range(0, x.Shape[axis]).Select(c =>
        {
            int[] position = [.. p];
            position[axis] = c;
            return (double)x.Span[(int)Naive.Broadcast(x.Shape, position)];
        }).ToArray()).ToArray();
        Shape gone = ShapeRules.Without(x.Shape, axis);
        Naive.Expect(gone, columns.Select(c => c.Sum()), tape => tape.Sum(x, axis));
        Naive.Expect(kept, columns.Select(c => c.Average()), tape => tape.Mean(x, axis, keepAxis: true));
        Naive.Expect(gone, columns.Select(c => c.Max()), tape => tape.Max(x, axis));
        GradientCheck.Run((tape, i) => tape.Sum(i[0], axis), [3, 4, 5]);
        GradientCheck.Run((tape, i) => tape.Mean(i[0], axis, keepAxis: true), [3, 4, 5]);
        GradientCheck.Run((tape, i) => tape.Max(i[0], axis), [GradientCheck.Distinct([3, 4, 5], 2)]);
    }

    [Fact]
    public void Everything_is_reduced()
    {
        Tensor x = GradientCheck.Normal([3, 40_009], 3);
        double sum = x.ToArray().Sum(v => (double)v);
        Naive.Expect([], [sum], tape => tape.Sum(x));
        Naive.Expect([], [sum / x.Count], tape => tape.Mean(x));
        Naive.Expect([], [x.ToArray().Max()], tape => tape.Max(x));
        Naive.Expect([3], Enumerable.Range(0, 3).Select(r => x.ToArray().Skip(r * 40_009).Take(40_009).Sum(v => (double)v)), tape => tape.Sum(x, 1), 1e-4);
        GradientCheck.Run((tape, i) => tape.Sum(i[0]), [3, 5]);
        GradientCheck.Run((tape, i) => tape.Mean(i[0]), [3, 5]);
        GradientCheck.Run((tape, i) => tape.Max(i[0]), [GradientCheck.Distinct([3, 5], 4)]);
    }

    [Fact]
    public void Of_equal_maxima_the_first_gets_the_gradient()
    {
        Tensor x = Tensor.From([4], [1, 2, 2, 0], requiresGradient: true);
        var tape = new Tape();
        tape.Begin(recording: true);
        tape.Backward(tape.Max(x));
        Assert.Equal([0, 1, 0, 0], x.Grad!.ToArray());
    }

    [Fact]
    public void Empty_axes_sum_to_nothing_and_have_no_maximum()
    {
        Naive.Expect([2, 3], [0, 0, 0, 0, 0, 0], tape => tape.Sum(Tensor.Zeros([2, 0, 3]), 1));
        Naive.Expect([2], [0, 0], tape => tape.Sum(Tensor.Zeros([2, 0]), 1));
        Assert.Throws<ArgumentException>(() => new Tape().Max(Tensor.Zeros([2, 0]), 1));
        Assert.Throws<ArgumentException>(() => new Tape().Sum(Tensor.Zeros([2, 0]), 2));
    }

    [Fact]
    public void Segments_are_pooled()
    {
        Segments segments = Segments.FromLengths(3, 1, 5);
        Tensor x = GradientCheck.Distinct([9, 21], 5);
        float[][] rows = [.. x.ToArray().Chunk(21)];
        Naive.Expect([3, 21], Pool(c => c.Sum()), tape => tape.SegmentSum(x, segments));
        Naive.Expect([3, 21], Pool(c => c.Average()), tape => tape.SegmentMean(x, segments));
        Naive.Expect([3, 21], Pool(c => c.Max()), tape => tape.SegmentMax(x, segments));
        Naive.Expect([3, 21], Pool(c => c[0]), tape => tape.SegmentFirst(x, segments));
        Naive.Expect([3, 21], Pool(c => c[^1]), tape => tape.SegmentLast(x, segments));

        IEnumerable<double> Pool(Func<double[], double> reference) => Enumerable.Range(0, 3).SelectMany(s => Enumerable.Range(0, 21).Select(c =>
            reference([.. rows[segments.Start(s)..segments.Start(s + 1)].Select(r => (double)r[c])])));
    }

    [Fact]
    public void Segment_gradients_are_right()
    {
        Segments segments = Segments.FromLengths(3, 1, 5);
        GradientCheck.Run((tape, i) => tape.SegmentSum(i[0], segments), [9, 5]);
        GradientCheck.Run((tape, i) => tape.SegmentMean(i[0], segments), [9, 5]);
        GradientCheck.Run((tape, i) => tape.SegmentMax(i[0], segments), [GradientCheck.Distinct([9, 5], 6)]);
        GradientCheck.Run((tape, i) => tape.SegmentFirst(i[0], segments), [9, 5]);
        GradientCheck.Run((tape, i) => tape.SegmentLast(i[0], segments), [9, 5]);
        GradientCheck.Run((tape, i) => tape.RepeatRows(i[0], segments), [3, 5]);
        GradientCheck.Run((tape, i) => tape.SegmentSum(i[0], Segments.FromLengths(2, 0, 1)), [3, 5]);
    }

    [Fact]
    public void Empty_segments_have_a_sum_but_no_first_row()
    {
        Segments segments = Segments.FromLengths(1, 0);
        Tensor x = Tensor.From([1, 2], [3, 4]);
        Naive.Expect([2, 2], [3, 4, 0, 0], tape => tape.SegmentMean(x, segments));
        Naive.Expect([1, 2], [3, 4], tape => tape.RepeatRows(Tensor.From([2, 2], [3, 4, 5, 6]), segments));
        Assert.Throws<ArgumentException>(() => new Tape().SegmentMax(x, segments));
        Assert.Throws<ArgumentException>(() => new Tape().SegmentFirst(x, segments));
        Assert.Throws<ArgumentException>(() => new Tape().SegmentSum(x, Segments.FromLengths(2)));
        Assert.Throws<ArgumentException>(() => new Tape().RepeatRows(x, segments));
    }
}
