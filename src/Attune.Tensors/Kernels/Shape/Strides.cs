using System.Runtime.CompilerServices;

namespace Attune.Tensors.Kernels;

/// <summary>How many elements apart neighbours along each axis are; 0 repeats the same element.</summary>
internal readonly struct Strides
{
    private readonly Values _values;

    private Strides(ReadOnlySpan<long> values)
    {
        for (int axis = 0; axis < values.Length; axis++)
            _values[axis] = values[axis];
    }

    public long this[int axis] => _values[axis];

    /// <summary>Those of a contiguous tensor.</summary>
    public static Strides Of(Shape shape) => Broadcast(shape, shape);

    /// <summary>Those of a contiguous tensor of shape <paramref name="from"/> seen as the larger shape <paramref name="to"/>.</summary>
    public static Strides Broadcast(Shape from, Shape to)
    {
        Span<long> values = stackalloc long[to.Rank];
        long stride = 1;
        for (int axis = to.Rank - 1; axis >= 0; axis--)
        {
            int own = axis - (to.Rank - from.Rank);
            int extent = own < 0 ? 1 : from[own];
            values[axis] = extent == 1 ? 0 : stride;
            stride *= extent;
        }
        return new Strides(values);
    }

    /// <summary>Axis <c>a</c> of the result is axis <c>order[a]</c>.</summary>
    public Strides Reordered(ReadOnlySpan<int> order)
    {
        Span<long> values = stackalloc long[order.Length];
        for (int axis = 0; axis < order.Length; axis++)
            values[axis] = _values[order[axis]];
        return new Strides(values);
    }

    [InlineArray(Shape.MaxRank)]
    private struct Values
    {
        private long _first;
    }
}
