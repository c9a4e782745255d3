using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Reorders axes.</summary>
public static class PermuteOperation
{
    /// <summary>Reorders the axes: axis <c>a</c> of the result is axis <c>axes[a]</c> of <paramref name="x"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="axes"/> does not name every axis once.</exception>
    public static unsafe Tensor Permute(this Tape tape, Tensor x, params ReadOnlySpan<int> axes)
    {
        int rank = x.Shape.Rank;
        Span<int> extents = stackalloc int[rank], order = stackalloc int[rank], inverse = stackalloc int[rank];
        inverse.Fill(-1);
        if (axes.Length != rank)
            throw new ArgumentException($"Permute: {axes.Length} axes were given for {x.Shape}, which has {rank}.", nameof(axes));
        for (int a = 0; a < rank; a++)
        {
            order[a] = ShapeRules.Axis(nameof(Permute), x.Shape, axes[a]);
            if (inverse[order[a]] >= 0)
                throw new ArgumentException($"Permute: axis {order[a]} of {x.Shape} is named twice.", nameof(axes));
            inverse[order[a]] = a;
            extents[a] = x.Shape[order[a]];
        }
        Tensor output = tape.Allocate(Shape.Of(extents), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        StridedCopy.Run(x.Pointer, Strides.Of(x.Shape).Reordered(order), output.Pointer, output.Shape, accumulate: false);
        Strides back = Strides.Of(output.Shape).Reordered(inverse);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            StridedCopy.Run(output.Gradient!.Pointer, back, target, x.Shape, accumulate);
        });
        return output;
    }

    /// <summary>Exchanges two axes, the last two unless others are named.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Transpose(this Tape tape, Tensor x, int first = -2, int second = -1)
    {
        int a = ShapeRules.Axis(nameof(Transpose), x.Shape, first), b = ShapeRules.Axis(nameof(Transpose), x.Shape, second);
        Span<int> axes = stackalloc int[x.Shape.Rank];
        for (int axis = 0; axis < axes.Length; axis++)
            axes[axis] = axis == a ? b : axis == b ? a : axis;
        return tape.Permute(x, axes);
    }
}
