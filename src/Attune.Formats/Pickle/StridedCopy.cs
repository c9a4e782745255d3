namespace Attune.Formats;

/// <summary>Makes strided views contiguous.</summary>
internal static unsafe class StridedCopy
{
    /// <summary>Elements from one index of an axis to the next, where the elements follow each other in row-major order.</summary>
    public static long[] ContiguousStrides(IReadOnlyList<int> shape)
    {
        long[] strides = new long[shape.Count];
        long stride = 1;
        for (int axis = strides.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, shape[axis]);
        }
        return strides;
    }

    /// <summary>Whether the elements follow each other in row-major order. Strides of axes with one element do not matter.</summary>
    public static bool IsContiguous(ReadOnlySpan<int> shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] == 1) continue;
            if (strides[axis] != expected) return false;
            expected *= shape[axis];
        }
        return true;
    }

    /// <summary>Copies a view whose elements are all in range.</summary>
    /// <param name="source">The view's first element.</param>
    /// <param name="destination">Room for all elements.</param>
    /// <param name="shape">The extents, none of them 0.</param>
    /// <param name="strides">Elements from one index of an axis to the next.</param>
    /// <param name="size">Bytes per element.</param>
    public static void Copy(byte* source, byte* destination, ReadOnlySpan<int> shape, ReadOnlySpan<long> strides, int size)
    {
        if (shape.Length == 0)
        {
            Buffer.MemoryCopy(source, destination, size, size);
            return;
        }
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        int innermost = shape.Length - 1;
        while (true)
        {
            byte* from = source;
            for (int axis = 0; axis < innermost; axis++) from += index[axis] * strides[axis] * size;
            for (int i = 0; i < shape[innermost]; i++)
            {
                Buffer.MemoryCopy(from + (i * strides[innermost] * size), destination, size, size);
                destination += size;
            }
            int outer = innermost - 1;
            while (outer >= 0 && ++index[outer] == shape[outer]) index[outer--] = 0;
            if (outer < 0) return;
        }
    }
}
