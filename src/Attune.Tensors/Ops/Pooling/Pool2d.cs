using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Pooling of images.</summary>
public static unsafe class Pool2dOperations
{
    /// <summary>
    /// The largest element under a moving window: <c>[n, C, h, w]</c> to <c>[n, C, h', w']</c>. Padding never is the largest; the gradient
    /// goes to the first of equal ones.
    /// </summary>
    /// <exception cref="ArgumentException">There are no four axes, or a window does not fit or is padded by more than half its extent.</exception>
    public static Tensor MaxPool2d(this Tape tape, Tensor x, SlidingWindow vertical, SlidingWindow horizontal)
    {
        ShapeRules.Rank(nameof(MaxPool2d), nameof(x), x.Shape, 4);
        int height = Outputs(nameof(MaxPool2d), vertical, x.Shape[2]), width = Outputs(nameof(MaxPool2d), horizontal, x.Shape[3]);
        Tensor output = tape.Allocate([x.Shape[0], x.Shape[1], height, width], x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long planes = (long)x.Shape[0] * x.Shape[1];
        var pooling = new MaxPooling(x.Shape[2], x.Shape[3], height, width, vertical, horizontal);
        pooling.Forward(x.Pointer, planes, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            pooling.Backward(x.Pointer, output.Gradient!.Pointer, planes, target, accumulate);
        });
        return output;
    }

    /// <summary>
    /// The mean under a moving window: <c>[n, C, h, w]</c> to <c>[n, C, h', w']</c>. Padding counts as zeros, and in the divisor too if
    /// <paramref name="countPadding"/> says so.
    /// </summary>
    /// <exception cref="ArgumentException">There are no four axes, or a window does not fit, is dilated, or padded by more than half its extent.</exception>
    public static Tensor AvgPool2d(this Tape tape, Tensor x, SlidingWindow vertical, SlidingWindow horizontal, bool countPadding = true)
    {
        ShapeRules.Rank(nameof(AvgPool2d), nameof(x), x.Shape, 4);
        if (vertical.Dilation != 1 || horizontal.Dilation != 1)
            throw new ArgumentException("AvgPool2d: windows cannot be dilated.", nameof(vertical));
        return Average(
            tape, x, MeanPooling.Sliding(vertical, x.Shape[2], Outputs(nameof(AvgPool2d), vertical, x.Shape[2]), countPadding),
            MeanPooling.Sliding(horizontal, x.Shape[3], Outputs(nameof(AvgPool2d), horizontal, x.Shape[3]), countPadding));
    }

    /// <summary>
    /// The means of <paramref name="height"/> by <paramref name="width"/> bins that cover the image: bin i of o covers the positions
    /// floor(i n / o) to ceil((i + 1) n / o) of n.
    /// </summary>
    /// <exception cref="ArgumentException">There are no four axes, or a number of bins is below 1.</exception>
    public static Tensor AdaptiveAvgPool2d(this Tape tape, Tensor x, int height, int width)
    {
        ShapeRules.Rank(nameof(AdaptiveAvgPool2d), nameof(x), x.Shape, 4);
        if (height < 1 || width < 1 || x.Shape[2] < 1 || x.Shape[3] < 1)
            throw new ArgumentException($"AdaptiveAvgPool2d: {height} by {width} bins over images {x.Shape} are not possible.", nameof(height));
        return Average(tape, x, MeanPooling.Bins(x.Shape[2], height), MeanPooling.Bins(x.Shape[3], width));
    }

    private static Tensor Average(Tape tape, Tensor x, PoolingRange[] vertical, PoolingRange[] horizontal)
    {
        Tensor output = tape.Allocate([x.Shape[0], x.Shape[1], vertical.Length, horizontal.Length], x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long planes = (long)x.Shape[0] * x.Shape[1];
        int height = x.Shape[2], width = x.Shape[3];
        MeanPooling.Forward(x.Pointer, planes, height, width, vertical, horizontal, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            MeanPooling.Backward(output.Gradient!.Pointer, planes, height, width, vertical, horizontal, target, accumulate);
        });
        return output;
    }

    private static int Outputs(string name, SlidingWindow window, int extent)
    {
        if (window.Padding > window.Kernel / 2)
            throw new ArgumentException($"{name}: the padding {window.Padding} is more than half of the kernel {window.Kernel}.", nameof(window));
        return window.Outputs(name, extent);
    }
}
