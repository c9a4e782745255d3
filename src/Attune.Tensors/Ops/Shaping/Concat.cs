using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Joins tensors along an axis.</summary>
public static class ConcatOperation
{
    /// <summary>
    /// Joins tensors of equal rank along <paramref name="axis"/>: <c>[.., n1, ..], [.., n2, ..]</c> to <c>[.., n1 + n2, ..]</c>.
    /// All other extents must agree.
    /// </summary>
    /// <exception cref="ArgumentException">No tensor is given, or the shapes do not fit.</exception>
    public static Tensor Concat(this Tape tape, int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("Concat: at least one tensor is needed.", nameof(parts));
        Shape first = parts[0].Shape;
        int position = ShapeRules.Axis(nameof(Concat), first, axis);
        int extent = 0;
        bool requiresGradient = false;
        for (int p = 0; p < parts.Length; p++)
        {
            Shape shape = parts[p].Shape;
            if (shape.Rank != first.Rank || ShapeRules.With(shape, position, first[position]) != first)
                throw new ArgumentException(
                    $"Concat: part {p} has the shape {shape}, part 0 has {first}; they may differ at axis {position} only.", nameof(parts));
            extent = checked(extent + shape[position]);
            requiresGradient |= parts[p].RequiresGradient;
        }

        Tensor output = tape.Allocate(ShapeRules.With(first, position, extent), requiresGradient);
        if (!tape.Computes())
            return output;
        long outer = ShapeRules.Outer(first, position), inner = ShapeRules.Inner(first, position);
        Join(parts, position, output, outer, inner);
        if (output.RequiresGradient)
            Remember(tape, parts.ToArray(), position, output, outer, inner);
        return output;
    }

    /// <summary>Joins tensors of one shape along a new axis before position <paramref name="axis"/>.</summary>
    /// <exception cref="ArgumentException">No tensor is given, the shapes differ, or there is no such axis.</exception>
    public static Tensor Stack(this Tape tape, int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("Stack: at least one tensor is needed.", nameof(parts));
        Shape shape = parts[0].Shape;
        int position = axis < 0 ? axis + shape.Rank + 1 : axis;
        if ((uint)position > (uint)shape.Rank)
            throw new ArgumentException($"Stack: a new axis of {shape} goes to {-shape.Rank - 1}..{shape.Rank}; {axis} was given.", nameof(axis));
        Shape single = ShapeRules.Inserted(shape, position, 1);
        var views = new Tensor[parts.Length];
        for (int p = 0; p < parts.Length; p++)
        {
            ShapeRules.Same(nameof(Stack), "part 0", shape, $"part {p}", parts[p].Shape);
            views[p] = parts[p].Reshape(single);
        }
        return tape.Concat(position, views);
    }

    private static unsafe void Join(ReadOnlySpan<Tensor> parts, int axis, Tensor output, long outer, long inner)
    {
        long stride = output.Shape[axis] * inner;
        float* target = output.Pointer;
        foreach (Tensor part in parts)
        {
            long width = part.Shape[axis] * inner;
            BlockCopy.Run(part.Pointer, width, target, stride, outer, width, accumulate: false);
            target += width;
        }
    }

    private static unsafe void Remember(Tape tape, Tensor[] parts, int axis, Tensor output, long outer, long inner) => tape.Record(output, () =>
    {
        long stride = output.Shape[axis] * inner;
        float* source = output.Gradient!.Pointer;
        foreach (Tensor part in parts)
        {
            long width = part.Shape[axis] * inner;
            if (part.RequiresGradient)
            {
                float* target = part.Gradient!.Target(out bool accumulate);
                BlockCopy.Run(source, stride, target, width, outer, width, accumulate);
            }
            source += width;
        }
    });
}
