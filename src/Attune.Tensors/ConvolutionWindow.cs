namespace Attune.Tensors;

/// <summary>
/// Which positions a convolution over a sequence sees: tap <c>j</c> of position <c>i</c> reads position
/// <c>i + (j - Left) * Dilation</c>; positions outside of the sequence count as zeros.
/// </summary>
/// <param name="Taps">The width of the kernel, at least 1.</param>
/// <param name="Left">How many taps look back.</param>
/// <param name="Dilation">The distance between neighbouring taps, at least 1.</param>
public readonly record struct ConvolutionWindow(int Taps, int Left, int Dilation = 1)
{
    /// <summary>A window that sees the past and the position itself only.</summary>
    public static ConvolutionWindow Causal(int taps, int dilation = 1) => new(taps, taps - 1, dilation);

    /// <summary>A window around the position; an even one looks one tap further back than forward.</summary>
    public static ConvolutionWindow Centred(int taps, int dilation = 1) => new(taps, taps / 2, dilation);

    /// <summary>The window through which gradients flow back: every tap looks the other way.</summary>
    internal ConvolutionWindow Mirrored => this with { Left = Taps - 1 - Left };

    /// <summary>Positions that a row of outputs needs before its own first one.</summary>
    internal int Before => Left * Dilation;

    /// <summary>Positions between the first and the last tap.</summary>
    internal int Span => (Taps - 1) * Dilation;

    /// <summary>The taps, first and one past the last, that fall inside a sequence of <paramref name="length"/> at a position of it.</summary>
    internal (int First, int Last) Inside(int position, int length)
    {
        int first = Math.Max(0, Left - position / Dilation);
        int last = Math.Min(Taps, Left + (length - 1 - position) / Dilation + 1);
        return (first, last);
    }

    /// <summary>Throws unless the window makes sense.</summary>
    internal void Validate(string operation)
    {
        if (Taps < 1 || Left < 0 || Left >= Taps || Dilation < 1)
            throw new ArgumentException(
                $"{operation}: a window of {Taps} taps, {Left} of them to the left, dilation {Dilation} is not possible; "
                + "expected at least one tap, 0 <= left < taps, dilation >= 1.");
    }
}
