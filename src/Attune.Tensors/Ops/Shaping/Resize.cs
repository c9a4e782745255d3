using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>How values between pixels are found.</summary>
public enum Interpolation
{
    /// <summary>Weights fall linearly to zero at the distance of one pixel.</summary>
    Linear,

    /// <summary>A cubic of four pixels (Keys 1981), with a = -0.75, or -0.5 with antialiasing.</summary>
    Cubic,
}

/// <summary>Changes the resolution of images.</summary>
public static unsafe class ResizeOperation
{
    /// <summary>Resizes the last two axes, with the centres of pixels at halves: <c>[.., h, w]</c> to <c>[.., height, width]</c>.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">At least two axes.</param>
    /// <param name="height">The new extent of the axis before the last.</param>
    /// <param name="width">The new extent of the last axis.</param>
    /// <param name="interpolation">The filter.</param>
    /// <param name="antialias">Whether the filter widens when the image shrinks, so that every pixel counts.</param>
    /// <exception cref="ArgumentException">There are fewer than two axes, or an extent is below 1.</exception>
    public static Tensor Resize(this Tape tape, Tensor x, int height, int width, Interpolation interpolation, bool antialias = false)
    {
        if (x.Shape.Rank < 2)
            throw new ArgumentException($"Resize: an image has at least two axes; its shape is {x.Shape}.", nameof(x));
        Tensor wide = tape.ResizeAxis(x, -1, width, interpolation, antialias);
        return tape.ResizeAxis(wide, -2, height, interpolation, antialias);
    }

    /// <summary>Resizes one axis, with the centres of positions at halves.</summary>
    /// <exception cref="ArgumentException">There is no such axis, or an extent is below 1.</exception>
    public static Tensor ResizeAxis(this Tape tape, Tensor x, int axis, int extent, Interpolation interpolation, bool antialias = false)
    {
        int position = ShapeRules.Axis(nameof(Resize), x.Shape, axis);
        if (extent < 1 || x.Shape[position] < 1)
            throw new ArgumentException($"Resize: axis {position} of {x.Shape} cannot be resized to {extent}.", nameof(extent));
        Tensor output = tape.Allocate(ShapeRules.With(x.Shape, position, extent), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        var filter = new ResizeFilter(x.Shape[position], extent, interpolation, antialias);
        long outer = ShapeRules.Outer(x.Shape, position), inner = ShapeRules.Inner(x.Shape, position);
        filter.Forward(x.Pointer, outer, inner, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            filter.Backward(output.Gradient!.Pointer, outer, inner, target, accumulate);
        });
        return output;
    }
}
