using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Gemm;

namespace Attune.Tensors.Ops;

/// <summary>Convolutions over images and over signals.</summary>
public static unsafe class Conv2dOperation
{
    /// <summary>
    /// A two-dimensional convolution (cross-correlation): <c>[n, C, h, w]</c> to <c>[n, O, h', w']</c>, as a product of the kernel with the
    /// patches of each image.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x"><c>[n, C, h, w]</c>.</param>
    /// <param name="weight"><c>[O, C / groups, kh, kw]</c>.</param>
    /// <param name="bias"><c>[O]</c>, or null.</param>
    /// <param name="vertical">How the kernel moves down; its extent must be kh.</param>
    /// <param name="horizontal">How the kernel moves right; its extent must be kw.</param>
    /// <param name="groups">Parts of the channels that do not see each other; divides C and O.</param>
    /// <exception cref="ArgumentException">The shapes or settings do not fit.</exception>
    public static Tensor Conv2d(
        this Tape tape, Tensor x, Tensor weight, Tensor? bias, SlidingWindow vertical, SlidingWindow horizontal, int groups = 1)
    {
        const string name = nameof(Conv2d);
        vertical = vertical with { RoundUp = false };
        horizontal = horizontal with { RoundUp = false };
        ShapeRules.Rank(name, nameof(x), x.Shape, 4);
        ShapeRules.Rank(name, nameof(weight), weight.Shape, 4);
        int channels = x.Shape[1], outputs = weight.Shape[0];
        if (groups < 1 || channels % groups != 0 || outputs % groups != 0 || weight.Shape[1] != channels / groups
            || weight.Shape[2] != vertical.Kernel || weight.Shape[3] != horizontal.Kernel)
            throw new ArgumentException(
                $"{name}: for x {x.Shape} and {groups} groups the weight must be [O, {channels / Math.Max(groups, 1)}, {vertical.Kernel}, {horizontal.Kernel}] "
                + $"with an O that the groups divide; its shape is {weight.Shape}.", nameof(weight));
        if (bias is not null && bias.Shape != [outputs])
            throw new ArgumentException($"{name}: the bias must be [{outputs}]; its shape is {bias.Shape}.", nameof(bias));
        var patches = new ImagePatches(
            channels / groups, x.Shape[2], x.Shape[3], vertical, horizontal,
            vertical.Outputs(name, x.Shape[2]), horizontal.Outputs(name, x.Shape[3]));
        Tensor output = tape.Allocate(
            [x.Shape[0], outputs, patches.OutputHeight, patches.OutputWidth],
            x.RequiresGradient || weight.RequiresGradient || bias is { RequiresGradient: true });
        if (!tape.Computes(output.Count * patches.Depth))
            return output;

        Forward(tape, x, weight, bias, output, patches, groups);
        tape.Record(output, () =>
        {
            if (x.RequiresGradient)
                InputGradient(tape, x, weight, output, patches, groups);
            if (weight.RequiresGradient)
                WeightGradient(tape, x, weight, output, patches, groups);
            if (bias is { RequiresGradient: true })
                BroadcastSum.Run(tape.Arena, output.Gradient!.Pointer, output.Shape, bias, [outputs, 1, 1]);
        });
        return output;
    }

    /// <summary>A one-dimensional convolution: <c>[n, C, length]</c> and <c>[O, C / groups, taps]</c> to <c>[n, O, length']</c>.</summary>
    /// <exception cref="ArgumentException">The shapes or settings do not fit.</exception>
    public static Tensor Conv1d(this Tape tape, Tensor x, Tensor weight, Tensor? bias, SlidingWindow window, int groups = 1)
    {
        ShapeRules.Rank(nameof(Conv1d), nameof(x), x.Shape, 3);
        ShapeRules.Rank(nameof(Conv1d), nameof(weight), weight.Shape, 3);
        Tensor image = tape.Conv2d(
            x.Reshape(ShapeRules.Inserted(x.Shape, 2, 1)), weight.Reshape(ShapeRules.Inserted(weight.Shape, 2, 1)), bias, new SlidingWindow(1), window, groups);
        return image.Reshape(ShapeRules.Without(image.Shape, 2));
    }

    private static void Forward(Tape tape, Tensor x, Tensor weight, Tensor? bias, Tensor output, ImagePatches patches, int groups)
    {
        int rows = output.Shape[1] / groups, columns = patches.Columns;
        float* unfolded = patches.IsIdentity ? null : tape.Arena.Allocate(patches.Count);
        for (int part = 0; part < x.Shape[0] * groups; part++)
        {
            float* source = x.Pointer + part * patches.ImageCount;
            if (!patches.IsIdentity)
                patches.Unfold(source, unfolded);
            float* kernel = weight.Pointer + (long)(part % groups) * rows * patches.Depth;
            float* target = output.Pointer + (long)part * rows * columns;
            if (bias is not null)
            {
                for (int row = 0; row < rows; row++)
                    new Span<float>(target + (long)row * columns, columns).Fill(bias.Pointer[part % groups * rows + row]);
            }
            Gemm.Multiply(
                new MatrixView(kernel, rows, patches.Depth), new MatrixView(patches.IsIdentity ? source : unfolded, patches.Depth, columns),
                new MatrixView(target, rows, columns), accumulate: bias is not null);
        }
        if (!patches.IsIdentity)
            tape.Arena.Release(unfolded, patches.Count);
    }

    private static void InputGradient(Tape tape, Tensor x, Tensor weight, Tensor output, ImagePatches patches, int groups)
    {
        int rows = output.Shape[1] / groups, columns = patches.Columns;
        float* input = x.Gradient!.Target(out bool accumulate);
        float* folded = patches.IsIdentity ? null : tape.Arena.Allocate(patches.Count);
        for (int part = 0; part < x.Shape[0] * groups; part++)
        {
            float* target = input + part * patches.ImageCount;
            var kernel = new MatrixView(weight.Pointer + (long)(part % groups) * rows * patches.Depth, rows, patches.Depth);
            var above = new MatrixView(output.Gradient!.Pointer + (long)part * rows * columns, rows, columns);
            Gemm.Multiply(
                kernel.Transposed, above, new MatrixView(patches.IsIdentity ? target : folded, patches.Depth, columns), patches.IsIdentity && accumulate);
            if (!patches.IsIdentity)
                patches.Fold(folded, target, accumulate);
        }
        if (!patches.IsIdentity)
            tape.Arena.Release(folded, patches.Count);
    }

    private static void WeightGradient(Tape tape, Tensor x, Tensor weight, Tensor output, ImagePatches patches, int groups)
    {
        int rows = output.Shape[1] / groups, columns = patches.Columns;
        float* gradient = weight.Gradient!.Target(out bool accumulate);
        float* unfolded = patches.IsIdentity ? null : tape.Arena.Allocate(patches.Count);
        for (int part = 0; part < x.Shape[0] * groups; part++)
        {
            float* source = x.Pointer + part * patches.ImageCount;
            if (!patches.IsIdentity)
                patches.Unfold(source, unfolded);
            var above = new MatrixView(output.Gradient!.Pointer + (long)part * rows * columns, rows, columns);
            var target = new MatrixView(gradient + (long)(part % groups) * rows * patches.Depth, rows, patches.Depth);
            var seen = new MatrixView(patches.IsIdentity ? source : unfolded, patches.Depth, columns);
            Gemm.Multiply(above, seen.Transposed, target, accumulate || part >= groups);
        }
        if (!patches.IsIdentity)
            tape.Arena.Release(unfolded, patches.Count);
    }
}
