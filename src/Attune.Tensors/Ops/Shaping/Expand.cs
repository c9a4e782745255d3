using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Repeats a tensor along axes.</summary>
public static class ExpandOperation
{
    /// <summary>Repeats <paramref name="x"/> to a larger shape as broadcasting does: aligned at the last axis, extents of 1 and missing axes repeat.</summary>
    /// <exception cref="ArgumentException">The shape of <paramref name="x"/> cannot be stretched to <paramref name="shape"/>.</exception>
    public static unsafe Tensor Expand(this Tape tape, Tensor x, Shape shape)
    {
        if (ShapeRules.Broadcast(nameof(Expand), x.Shape, shape) != shape)
            throw new ArgumentException($"Expand: the shape {x.Shape} cannot be repeated to {shape}.", nameof(shape));
        if (x.Shape == shape)
            return x;
        Tensor output = tape.Allocate(shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        StridedCopy.Run(x.Pointer, Strides.Broadcast(x.Shape, shape), output.Pointer, shape, accumulate: false);
        tape.Record(output, () => BroadcastSum.Run(tape.Arena, output.Gradient!.Pointer, shape, x));
        return output;
    }
}
