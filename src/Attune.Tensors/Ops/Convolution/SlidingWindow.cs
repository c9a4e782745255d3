namespace Attune.Tensors.Ops;

/// <summary>How the kernel of a convolution or pooling moves along one axis of an image.</summary>
/// <param name="Kernel">The kernel's extent.</param>
/// <param name="Stride">The distance between neighbouring outputs.</param>
/// <param name="Padding">Zeros (for a maximum: minus infinities) before the first and after the last position.</param>
/// <param name="Dilation">The distance between neighbouring taps.</param>
public readonly record struct SlidingWindow(int Kernel, int Stride = 1, int Padding = 0, int Dilation = 1)
{
    /// <summary>Whether a last output that sees only part of a window counts too, as long as it begins before the end.</summary>
    public bool RoundUp { get; init; }

    /// <summary>The number of outputs along an axis of <paramref name="extent"/> positions.</summary>
    /// <exception cref="ArgumentException">A setting is impossible, or the kernel is larger than the padded axis.</exception>
    internal int Outputs(string operation, int extent)
    {
        if (Kernel < 1 || Stride < 1 || Padding < 0 || Dilation < 1)
            throw new ArgumentException($"{operation}: kernel, stride and dilation must be at least 1 and padding at least 0; found {this}.");
        int room = extent + 2 * Padding - Dilation * (Kernel - 1) - 1;
        return room < 0
            ? throw new ArgumentException($"{operation}: a kernel of {Kernel} taps (dilation {Dilation}) is larger than {extent} positions with padding {Padding}.")
            : room / Stride + 1 + (RoundUp && room % Stride != 0 && (room / Stride + 1) * Stride < extent + Padding ? 1 : 0);
    }
}
