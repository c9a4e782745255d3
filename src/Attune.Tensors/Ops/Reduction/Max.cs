using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>The largest elements.</summary>
public static unsafe class MaxOperation
{
    /// <summary>
    /// The largest element along an axis, which disappears unless <paramref name="keepAxis"/> leaves it with the extent 1. The gradient goes
    /// to the first of equal ones.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such axis, or it has no positions.</exception>
    public static Tensor Max(this Tape tape, Tensor x, int axis, bool keepAxis = false)
    {
        int position = ShapeRules.Axis(nameof(Max), x.Shape, axis);
        int extent = x.Shape[position];
        if (extent == 0)
            throw new ArgumentException($"Max: axis {position} of {x.Shape} has no positions, so no largest one.", nameof(axis));
        Tensor output = tape.Allocate(
            keepAxis ? ShapeRules.With(x.Shape, position, 1) : ShapeRules.Without(x.Shape, position), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long outer = ShapeRules.Outer(x.Shape, position), inner = ShapeRules.Inner(x.Shape, position);
        Kernels.Reduction.Run(default(MaxFold), x.Pointer, outer, extent, inner, output.Pointer);
        tape.Record(output, () => MaxBackward.Run(x, output, outer, extent, inner));
        return output;
    }

    /// <summary>The largest of all elements, a scalar. The gradient goes to the first of equal ones.</summary>
    /// <exception cref="ArgumentException">There are no elements.</exception>
    public static Tensor Max(this Tape tape, Tensor x) => tape.Max(x.Reshape([checked((int)x.Count)]), 0);
}
