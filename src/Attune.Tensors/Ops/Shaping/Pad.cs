using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Lengthens an axis.</summary>
public static class PadOperation
{
    /// <summary>Puts <paramref name="before"/> and <paramref name="after"/> positions filled with <paramref name="value"/> around an axis.</summary>
    /// <exception cref="ArgumentException">There is no such axis, or a number of positions is negative.</exception>
    public static unsafe Tensor Pad(this Tape tape, Tensor x, int axis, int before, int after, float value = 0)
    {
        int position = ShapeRules.Axis(nameof(Pad), x.Shape, axis);
        if (before < 0 || after < 0)
            throw new ArgumentException($"Pad: cannot add {before} positions before and {after} after; use Slice to take some away.", nameof(before));
        int extent = checked(before + x.Shape[position] + after);
        Tensor output = tape.Allocate(ShapeRules.With(x.Shape, position, extent), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long outer = ShapeRules.Outer(x.Shape, position), inner = ShapeRules.Inner(x.Shape, position);
        long width = x.Shape[position] * inner, stride = extent * inner;
        BlockCopy.Fill(output.Pointer, stride, outer, before * inner, value);
        BlockCopy.Run(x.Pointer, width, output.Pointer + before * inner, stride, outer, width, accumulate: false);
        BlockCopy.Fill(output.Pointer + before * inner + width, stride, outer, after * inner, value);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            BlockCopy.Run(output.Gradient!.Pointer + before * inner, stride, target, width, outer, width, accumulate);
        });
        return output;
    }
}
