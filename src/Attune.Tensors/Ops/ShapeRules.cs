namespace Attune.Tensors.Ops;

/// <summary>The rules by which operations derive their result's shape, with the errors they share.</summary>
internal static class ShapeRules
{
    /// <summary>The position 0.. of an axis that may be counted from the end.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static int Axis(string operation, Shape shape, int axis)
    {
        int position = axis < 0 ? axis + shape.Rank : axis;
        return (uint)position < (uint)shape.Rank
            ? position
            : throw new ArgumentException($"{operation}: the tensor {shape} has no axis {axis}; axes are {-shape.Rank}..{shape.Rank - 1}.", nameof(axis));
    }

    /// <summary>The number of elements of all axes before <paramref name="axis"/>.</summary>
    public static long Outer(Shape shape, int axis)
    {
        long count = 1;
        for (int a = 0; a < axis; a++)
            count *= shape[a];
        return count;
    }

    /// <summary>The number of elements of all axes after <paramref name="axis"/>.</summary>
    public static long Inner(Shape shape, int axis)
    {
        long count = 1;
        for (int a = axis + 1; a < shape.Rank; a++)
            count *= shape[a];
        return count;
    }

    /// <summary>The shape with another extent at <paramref name="axis"/>.</summary>
    public static Shape With(Shape shape, int axis, int extent)
    {
        Span<int> extents = stackalloc int[shape.Rank];
        for (int a = 0; a < extents.Length; a++)
            extents[a] = a == axis ? extent : shape[a];
        return Shape.Of(extents);
    }

    /// <summary>The shape without <paramref name="axis"/>.</summary>
    public static Shape Without(Shape shape, int axis)
    {
        Span<int> extents = stackalloc int[shape.Rank - 1];
        for (int a = 0; a < extents.Length; a++)
            extents[a] = shape[a < axis ? a : a + 1];
        return Shape.Of(extents);
    }

    /// <summary>The shape with a new axis before position <paramref name="axis"/>.</summary>
    public static Shape Inserted(Shape shape, int axis, int extent)
    {
        Span<int> extents = stackalloc int[shape.Rank + 1];
        for (int a = 0; a < extents.Length; a++)
            extents[a] = a == axis ? extent : shape[a < axis ? a : a - 1];
        return Shape.Of(extents);
    }

    /// <summary>The shape that two shapes are stretched to: aligned at the last axis, an extent of 1 (or a missing axis) repeats.</summary>
    /// <exception cref="ArgumentException">Two extents differ and neither is 1.</exception>
    public static Shape Broadcast(string operation, Shape left, Shape right)
    {
        if (left == right)
            return left;
        int rank = Math.Max(left.Rank, right.Rank);
        Span<int> extents = stackalloc int[rank];
        for (int a = 1; a <= rank; a++)
        {
            int l = a <= left.Rank ? left[-a] : 1;
            int r = a <= right.Rank ? right[-a] : 1;
            if (l != r && l != 1 && r != 1)
                throw new ArgumentException(
                    $"{operation}: the shapes {left} and {right} cannot be broadcast together: at axis -{a} the extents are {l} and {r}; "
                    + "they must be equal or one of them 1.");
            extents[^a] = l == 1 ? r : l;
        }
        return Shape.Of(extents);
    }

    /// <summary>Both shapes must be the same.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void Same(string operation, string leftName, Shape left, string rightName, Shape right)
    {
        if (left != right)
            throw new ArgumentException($"{operation}: {leftName} {left} and {rightName} {right} must have the same shape.", rightName);
    }

    /// <summary>A tensor must have a certain number of axes.</summary>
    /// <exception cref="ArgumentException">It has another.</exception>
    public static void Rank(string operation, string name, Shape shape, int rank)
    {
        if (shape.Rank != rank)
            throw new ArgumentException($"{operation}: {name} must have {rank} axes; its shape is {shape}.", name);
    }

    /// <summary>A tensor must be <c>[rows, width]</c> with the rows of the segments.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Segmented(string operation, Shape x, Segments segments)
    {
        if (x.Rank != 2 || x[0] != segments.Rows)
            throw new ArgumentException(
                $"{operation}: x must be [{segments.Rows}, width], a row for every row of the {segments.Count} segments; its shape is {x}.", nameof(x));
    }

    /// <summary>A tensor to which no gradient can be given must not ask for one: it would silently stay untrained.</summary>
    /// <exception cref="ArgumentException">It requires a gradient.</exception>
    public static void Constant(string operation, string name, Tensor tensor)
    {
        if (tensor.RequiresGradient)
            throw new ArgumentException($"{operation}: no gradient flows to {name} {tensor.Shape}, but it requires one; pass {name}.Detach().", name);
    }
}
