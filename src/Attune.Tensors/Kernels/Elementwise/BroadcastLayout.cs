using System.Runtime.CompilerServices;

namespace Attune.Tensors.Kernels;

/// <summary>
/// How two operands are walked to fill a contiguous result: as rows, in each of which an operand is either contiguous or one
/// repeated element. Axes that both operands walk alike are merged, so that equal shapes are a single row.
/// </summary>
internal readonly struct BroadcastLayout
{
    private readonly Axes _extents;
    private readonly Axes _stridesA;
    private readonly Axes _stridesB;
    private readonly int _outer;

    private BroadcastLayout(Shape shape, Shape shapeA, Shape shapeB)
    {
        Strides a = Strides.Broadcast(shapeA, shape), b = Strides.Broadcast(shapeB, shape);
        int rank = 0;
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            int extent = shape[axis];
            if (extent == 1)
                continue;
            if (rank > 0 && _stridesA[rank - 1] == a[axis] * extent && _stridesB[rank - 1] == b[axis] * extent)
            {
                _extents[rank - 1] *= extent;
                _stridesA[rank - 1] = a[axis];
                _stridesB[rank - 1] = b[axis];
                continue;
            }
            _extents[rank] = extent;
            _stridesA[rank] = a[axis];
            _stridesB[rank] = b[axis];
            rank++;
        }
        _outer = Math.Max(rank - 1, 0);
        Width = rank == 0 ? 1 : _extents[_outer];
        RepeatsA = _stridesA[_outer] == 0;
        RepeatsB = _stridesB[_outer] == 0;
    }

    private BroadcastLayout(long count) => Width = count;

    /// <summary>The number of elements of a row.</summary>
    public long Width { get; }

    /// <summary>Whether the first operand is one element for a whole row.</summary>
    public bool RepeatsA { get; }

    /// <summary>Whether the second operand is one element for a whole row.</summary>
    public bool RepeatsB { get; }

    /// <summary>Three contiguous arrays of one size.</summary>
    public static BroadcastLayout Flat(long count) => new(count);

    /// <summary>Operands of the shapes <paramref name="a"/> and <paramref name="b"/> stretched to <paramref name="shape"/>.</summary>
    public static BroadcastLayout Of(Shape shape, Shape a, Shape b) =>
        a == shape && b == shape ? new(shape.Count) : new(shape, a, b);

    /// <summary>Where a row begins in the two operands.</summary>
    public (long A, long B) Offsets(long row)
    {
        long a = 0, b = 0;
        for (int axis = _outer - 1; axis >= 0; axis--)
        {
            long above = row / _extents[axis];
            long position = row - above * _extents[axis];
            a += position * _stridesA[axis];
            b += position * _stridesB[axis];
            row = above;
        }
        return (a, b);
    }

    [InlineArray(Shape.MaxRank)]
    private struct Axes
    {
        private long _first;
    }
}
