using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Depthwise and lightweight convolutions over the sequences of a ragged batch.</summary>
public static unsafe class SequenceConvolutionOperation
{
    /// <summary>
    /// <c>y[i, c] = sum over taps j of kernel[c * H / C, j] * x[i + (j - left) * dilation, c] + bias[c]</c> within each sequence. With one
    /// kernel a channel (H = C) this is a depthwise convolution; with few shared ones, passed through a softmax over the taps, a
    /// lightweight convolution (Wu et al. 2019, arXiv:1901.10430). Time and memory are linear in the length.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x"><c>[rows, C]</c>.</param>
    /// <param name="kernel"><c>[H, taps]</c>; neighbouring channels share one, so H must divide C.</param>
    /// <param name="bias"><c>[C]</c>, or null.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="window">Where the taps are.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the window is impossible.</exception>
    public static Tensor SequenceConvolution(
        this Tape tape, Tensor x, Tensor kernel, Tensor? bias, Segments segments, ConvolutionWindow window)
    {
        const string name = nameof(SequenceConvolution);
        window.Validate(name);
        ShapeRules.Segmented(name, x.Shape, segments);
        int channels = x.Shape.Width;
        if (kernel.Shape.Rank != 2 || kernel.Shape[1] != window.Taps || kernel.Shape[0] == 0 || channels % kernel.Shape[0] != 0)
            throw new ArgumentException(
                $"{name}: the kernel must be [H, {window.Taps}] with an H that divides the {channels} channels; its shape is {kernel.Shape}.", nameof(kernel));
        if (bias is not null && bias.Shape != [channels])
            throw new ArgumentException($"{name}: the bias must be [{channels}]; its shape is {bias.Shape}.", nameof(bias));
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient || kernel.RequiresGradient || bias is { RequiresGradient: true });
        if (!tape.Computes(x.Count * window.Taps))
            return output;

        int heads = kernel.Shape[0];
        DepthwiseConvolution.Forward(
            x.Pointer, kernel.Pointer, heads, bias is null ? null : bias.Pointer, segments, channels, window, mirrored: false, output.Pointer, accumulate: false);
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            if (x.RequiresGradient)
            {
                float* target = x.Gradient!.Target(out bool accumulate);
                DepthwiseConvolution.Forward(
                    gradient, kernel.Pointer, heads, null, segments, channels, window.Mirrored, mirrored: true, target, accumulate);
            }
            if (kernel.RequiresGradient)
            {
                float* target = kernel.Gradient!.Target(out bool accumulate);
                DepthwiseConvolution.KernelGradient(x.Pointer, gradient, segments, channels, window, target, heads, accumulate);
            }
            if (bias is { RequiresGradient: true })
            {
                float* target = bias.Gradient!.Target(out bool accumulate);
                Reduction.Run(default(SumFold), gradient, 1, segments.Rows, channels, target, accumulate);
            }
        });
        return output;
    }
}
