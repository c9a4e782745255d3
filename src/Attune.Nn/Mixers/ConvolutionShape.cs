using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Mixers;

/// <summary>The shape of a convolution along sequences.</summary>
/// <param name="Channels">The width of its rows.</param>
/// <param name="Heads">The number of kernels: neighbouring channels share one, so it divides the channels.</param>
/// <param name="Taps">The width of a kernel.</param>
public sealed record ConvolutionShape(int Channels, int Heads, int Taps)
{
    /// <summary>The distance between neighbouring taps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>Whether a kernel's taps pass through a softmax.</summary>
    public bool Softmax { get; init; } = true;

    /// <summary>Whether each channel has a bias.</summary>
    public bool Bias { get; init; }

    /// <summary>The dropout of the kernels' entries (DropConnect).</summary>
    public float KernelDropout { get; init; }

    /// <summary>What the kernels, or the map that predicts them, start from; null is Glorot's.</summary>
    public Initializer? Initializer { get; init; }

    /// <summary>The positions that a kernel sees.</summary>
    public ConvolutionWindow Window(bool causal) =>
        causal ? ConvolutionWindow.Causal(Taps, Dilation) : ConvolutionWindow.Centred(Taps, Dilation);
}
