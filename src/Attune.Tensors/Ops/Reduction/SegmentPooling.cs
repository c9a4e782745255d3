using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Pooling = Attune.Tensors.Kernels.SegmentPooling;

namespace Attune.Tensors.Ops;

/// <summary>Brings each sequence of a ragged batch down to one row, and repeats a row for every token of its sequence.</summary>
public static unsafe class SegmentPoolingOperations
{
    /// <summary>The sum of the rows of each segment: <c>[rows, width]</c> to <c>[segments, width]</c>; zeros for an empty segment.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix of as many rows as the segments have.</exception>
    public static Tensor SegmentSum(this Tape tape, Tensor x, Segments segments) => Average(tape, nameof(SegmentSum), x, segments, mean: false);

    /// <summary>The mean of the rows of each segment: <c>[rows, width]</c> to <c>[segments, width]</c>; zeros for an empty segment.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix of as many rows as the segments have.</exception>
    public static Tensor SegmentMean(this Tape tape, Tensor x, Segments segments) => Average(tape, nameof(SegmentMean), x, segments, mean: true);

    /// <summary>
    /// The largest number of each column in each segment: <c>[rows, width]</c> to <c>[segments, width]</c>. The gradient goes to the first
    /// of equal ones.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix of as many rows as the segments have, or a segment is empty.</exception>
    public static Tensor SegmentMax(this Tape tape, Tensor x, Segments segments)
    {
        Tensor output = Pooled(tape, nameof(SegmentMax), x, segments);
        NoneEmpty(nameof(SegmentMax), segments);
        if (!tape.Computes())
            return output;
        int width = x.Shape.Width;
        Pooling.Run(default(MaxFold), x.Pointer, segments, width, output.Pointer, mean: false);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            if (!accumulate)
                BlockCopy.Fill(target, 0, 1, x.Count, 0);
            Pooling.MaxBackward(x.Pointer, output.Pointer, output.Gradient!.Pointer, target, segments, width);
        });
        return output;
    }

    /// <summary>The first row of each segment: <c>[rows, width]</c> to <c>[segments, width]</c>.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix of as many rows as the segments have, or a segment is empty.</exception>
    public static Tensor SegmentFirst(this Tape tape, Tensor x, Segments segments) => Row(tape, nameof(SegmentFirst), x, segments, last: false);

    /// <summary>The last row of each segment: <c>[rows, width]</c> to <c>[segments, width]</c>.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix of as many rows as the segments have, or a segment is empty.</exception>
    public static Tensor SegmentLast(this Tape tape, Tensor x, Segments segments) => Row(tape, nameof(SegmentLast), x, segments, last: true);

    /// <summary>Repeats row <c>s</c> for every row of segment <c>s</c>: <c>[segments, width]</c> to <c>[rows, width]</c>.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is no matrix with one row a segment.</exception>
    public static Tensor RepeatRows(this Tape tape, Tensor x, Segments segments)
    {
        ShapeRules.Rank(nameof(RepeatRows), nameof(x), x.Shape, 2);
        if (x.Shape[0] != segments.Count)
            throw new ArgumentException($"RepeatRows: {x.Shape} must have one row for each of the {segments.Count} segments.", nameof(x));
        int width = x.Shape.Width;
        Tensor output = tape.Allocate([segments.Rows, width], x.RequiresGradient);
        if (!tape.Computes())
            return output;
        Pooling.Repeat(x.Pointer, segments, width, output.Pointer, mean: false, accumulate: false);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            float* sums = accumulate ? tape.Arena.Allocate(x.Count) : target;
            Pooling.Run(default(SumFold), output.Gradient!.Pointer, segments, width, sums, mean: false);
            if (accumulate)
            {
                Elementwise.Accumulate(sums, target, x.Count);
                tape.Arena.Release(sums, x.Count);
            }
        });
        return output;
    }

    private static Tensor Average(Tape tape, string name, Tensor x, Segments segments, bool mean)
    {
        Tensor output = Pooled(tape, name, x, segments);
        if (!tape.Computes())
            return output;
        int width = x.Shape.Width;
        Pooling.Run(default(SumFold), x.Pointer, segments, width, output.Pointer, mean);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            Pooling.Repeat(output.Gradient!.Pointer, segments, width, target, mean, accumulate);
        });
        return output;
    }

    private static Tensor Row(Tape tape, string name, Tensor x, Segments segments, bool last)
    {
        ShapeRules.Segmented(name, x.Shape, segments);
        NoneEmpty(name, segments);
        int[] rows = new int[segments.Count];
        for (int s = 0; s < rows.Length; s++)
            rows[s] = last ? segments.Start(s + 1) - 1 : segments.Start(s);
        return tape.GatherRows(x, rows);
    }

    private static Tensor Pooled(Tape tape, string name, Tensor x, Segments segments)
    {
        ShapeRules.Segmented(name, x.Shape, segments);
        return tape.Allocate([segments.Count, x.Shape.Width], x.RequiresGradient);
    }

    private static void NoneEmpty(string name, Segments segments)
    {
        for (int s = 0; s < segments.Count; s++)
        {
            if (segments.Length(s) == 0)
                throw new ArgumentException($"{name}: segment {s} of {segments.Count} has no rows.", nameof(segments));
        }
    }
}
