using Attune.Tensors.Autograd;
using Dynamic = Attune.Tensors.Kernels.DynamicConvolution;

namespace Attune.Tensors.Ops;

/// <summary>Which taps of a predicted kernel share the softmax; the others become 0.</summary>
public enum TapSelection
{
    /// <summary>All of them; what falls outside of the sequence is lost.</summary>
    All,

    /// <summary>
    /// The last n of them in a sequence of n positions, if the kernel is wider and sees the past only: how the reference implementation
    /// trains. (Generating step by step, it takes <see cref="All"/>.)
    /// </summary>
    CutToLength,

    /// <summary>At each position those that fall inside the sequence.</summary>
    InsideSequence,
}

/// <summary>Convolutions whose kernels are predicted anew at every position (Wu et al. 2019, arXiv:1901.10430).</summary>
public static unsafe class DynamicConvolutionOperations
{
    /// <summary>
    /// <c>y[i, c] = sum over taps j of kernels[i, h, j] * x[i + (j - left) * dilation, c]</c> with h = c * H / C, within each sequence.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x"><c>[rows, C]</c>.</param>
    /// <param name="kernels"><c>[rows, H * taps]</c>, head by head; H must divide C.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="window">Where the taps are.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the window is impossible.</exception>
    public static Tensor DynamicConvolution(this Tape tape, Tensor x, Tensor kernels, Segments segments, ConvolutionWindow window)
    {
        const string name = nameof(DynamicConvolution);
        window.Validate(name);
        ShapeRules.Segmented(name, x.Shape, segments);
        int heads = Heads(name, kernels.Shape, segments, window), channels = x.Shape.Width;
        if (heads == 0 || channels % heads != 0)
            throw new ArgumentException($"{name}: {heads} kernels at each position cannot serve {channels} channels evenly.", nameof(kernels));
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient || kernels.RequiresGradient);
        if (!tape.Computes(x.Count * window.Taps))
            return output;
        Dynamic.Forward(x.Pointer, kernels.Pointer, heads, segments, channels, window, output.Pointer);
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            if (x.RequiresGradient)
            {
                float* target = x.Gradient!.Target(out bool accumulate);
                Dynamic.InputGradient(gradient, kernels.Pointer, heads, segments, channels, window, target, accumulate);
            }
            if (kernels.RequiresGradient)
            {
                float* target = kernels.Gradient!.Target(out bool accumulate);
                Dynamic.KernelGradient(x.Pointer, gradient, heads, segments, channels, window, target, accumulate);
            }
        });
        return output;
    }

    /// <summary>The softmax over the taps of each head at each position: <c>[rows, H * taps]</c> to the same shape.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="kernels"><c>[rows, H * taps]</c>, head by head.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="window">Where the taps are.</param>
    /// <param name="selection">Which taps take part.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the window is impossible.</exception>
    public static Tensor TapSoftmax(
        this Tape tape, Tensor kernels, Segments segments, ConvolutionWindow window, TapSelection selection = TapSelection.All)
    {
        window.Validate(nameof(TapSoftmax));
        int heads = Heads(nameof(TapSoftmax), kernels.Shape, segments, window);
        Tensor output = tape.Allocate(kernels.Shape, kernels.RequiresGradient);
        if (!tape.Computes())
            return output;
        Kernels.TapSoftmax.Forward(kernels.Pointer, heads, segments, window, selection, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = kernels.Gradient!.Target(out bool accumulate);
            Kernels.TapSoftmax.Backward(output.Pointer, output.Gradient!.Pointer, heads * segments.Rows, window.Taps, target, accumulate);
        });
        return output;
    }

    private static int Heads(string name, Shape kernels, Segments segments, ConvolutionWindow window)
    {
        if (kernels.Rank != 2 || kernels[0] != segments.Rows || kernels[1] % window.Taps != 0)
            throw new ArgumentException(
                $"{name}: the kernels must be [{segments.Rows}, H * {window.Taps}], taps head by head; their shape is {kernels}.", nameof(kernels));
        return kernels[1] / window.Taps;
    }
}
