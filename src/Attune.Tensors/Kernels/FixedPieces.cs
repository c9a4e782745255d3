namespace Attune.Tensors.Kernels;

/// <summary>
/// An array cut into at most <see cref="Most"/> pieces whose borders depend on its length only: partial results of the pieces, combined in
/// order, are the same for any number of threads.
/// </summary>
/// <param name="length">The number of indices.</param>
/// <param name="least">The least number of indices that are worth a piece.</param>
internal readonly struct FixedPieces(long length, long least = RangeKernel.Grain)
{
    /// <summary>The largest number of pieces: their partial results fit on the stack.</summary>
    public const int Most = 1024;

    private readonly long _size = Math.Max(least, (length + Most - 1) / Most);

    /// <summary>The number of pieces.</summary>
    public long Count => (length + _size - 1) / _size;

    /// <summary>The first index of a piece.</summary>
    public long Start(long piece) => piece * _size;

    /// <summary>One past the last index of a piece.</summary>
    public long End(long piece) => Math.Min(length, (piece + 1) * _size);
}
