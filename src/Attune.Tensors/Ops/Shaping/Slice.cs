using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Takes parts of a tensor along an axis.</summary>
public static class SliceOperation
{
    /// <summary>The positions <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of an axis.</summary>
    /// <exception cref="ArgumentException">There is no such axis, or it has fewer positions.</exception>
    public static unsafe Tensor Slice(this Tape tape, Tensor x, int axis, int start, int count)
    {
        int position = ShapeRules.Axis(nameof(Slice), x.Shape, axis);
        int extent = x.Shape[position];
        if (start < 0 || count < 0 || start > extent - count)
            throw new ArgumentException($"Slice: positions {start}..{(long)start + count} of axis {position} are outside of {x.Shape}.", nameof(start));
        Tensor output = tape.Allocate(ShapeRules.With(x.Shape, position, count), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long outer = ShapeRules.Outer(x.Shape, position), inner = ShapeRules.Inner(x.Shape, position);
        BlockCopy.Run(x.Pointer + start * inner, extent * inner, output.Pointer, count * inner, outer, count * inner, accumulate: false);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            BlockCopy.Run(output.Gradient!.Pointer, count * inner, target + start * inner, extent * inner, outer, count * inner, accumulate);
            if (!accumulate)
            {
                long end = (start + count) * inner;
                BlockCopy.Fill(target, extent * inner, outer, start * inner, 0);
                BlockCopy.Fill(target + end, extent * inner, outer, extent * inner - end, 0);
            }
        });
        return output;
    }

    /// <summary>Cuts a tensor along an axis into parts of the given sizes.</summary>
    /// <returns>As many tensors as there are sizes.</returns>
    /// <exception cref="ArgumentException">There is no such axis, a size is negative, or their sum is not the axis' extent.</exception>
    public static unsafe Tensor[] Split(this Tape tape, Tensor x, int axis, params ReadOnlySpan<int> sizes)
    {
        int position = ShapeRules.Axis(nameof(Split), x.Shape, axis);
        long sum = 0;
        foreach (int size in sizes)
            sum = size < 0 ? throw new ArgumentException($"Split: the size {size} is negative.", nameof(sizes)) : sum + size;
        int extent = x.Shape[position];
        if (sum != extent)
            throw new ArgumentException($"Split: the sizes add up to {sum}, but axis {position} of {x.Shape} has {extent} positions.", nameof(sizes));

        var parts = new Tensor[sizes.Length];
        for (int p = 0; p < parts.Length; p++)
            parts[p] = tape.Allocate(ShapeRules.With(x.Shape, position, sizes[p]), x.RequiresGradient);
        if (!tape.Computes())
            return parts;
        long outer = ShapeRules.Outer(x.Shape, position), inner = ShapeRules.Inner(x.Shape, position);
        float* source = x.Pointer;
        foreach (Tensor part in parts)
        {
            long width = part.Shape[position] * inner;
            BlockCopy.Run(source, extent * inner, part.Pointer, width, outer, width, accumulate: false);
            source += width;
        }
        tape.Record(parts, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            foreach (Tensor part in parts)
            {
                long width = part.Shape[position] * inner;
                if (part.Gradient!.Written)
                    BlockCopy.Run(part.Gradient.Pointer, width, target, extent * inner, outer, width, accumulate);
                else if (!accumulate)
                    BlockCopy.Fill(target, extent * inner, outer, width, 0);
                target += width;
            }
        });
        return parts;
    }
}
