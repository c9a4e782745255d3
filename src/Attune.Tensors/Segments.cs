namespace Attune.Tensors;

/// <summary>
/// Where each sequence of a ragged batch begins and ends: sequence <c>s</c> owns the rows
/// <c>Offsets[s] .. Offsets[s + 1]</c> of a <c>[rows, width]</c> tensor. There is no padding.
/// </summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class Segments
{
    private readonly int[] _offsets;

    private Segments(int[] offsets)
    {
        _offsets = offsets;
        for (int s = 0; s < offsets.Length - 1; s++)
            MaxLength = Math.Max(MaxLength, offsets[s + 1] - offsets[s]);
    }

    /// <summary>The number of sequences.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>The number of rows of all sequences together.</summary>
    public int Rows => _offsets[^1];

    /// <summary>The length of the longest sequence.</summary>
    public int MaxLength { get; }

    /// <summary>The first row of every sequence, and one past the last row: <c>Count + 1</c> numbers, the first 0.</summary>
    public ReadOnlySpan<int> Offsets => _offsets;

    /// <summary>Makes segments from the lengths of the sequences.</summary>
    /// <exception cref="ArgumentException">A length is negative.</exception>
    public static Segments FromLengths(params ReadOnlySpan<int> lengths)
    {
        int[] offsets = new int[lengths.Length + 1];
        for (int s = 0; s < lengths.Length; s++)
        {
            if (lengths[s] < 0)
                throw new ArgumentException($"Sequence {s} has the negative length {lengths[s]}.", nameof(lengths));
            offsets[s + 1] = checked(offsets[s] + lengths[s]);
        }
        return new Segments(offsets);
    }

    /// <summary>Makes <paramref name="count"/> segments of the same length.</summary>
    public static Segments Equal(int count, int length)
    {
        int[] lengths = new int[count];
        Array.Fill(lengths, length);
        return FromLengths(lengths);
    }

    /// <summary>The first row of a sequence.</summary>
    public int Start(int segment) => _offsets[segment];

    /// <summary>The number of rows of a sequence.</summary>
    public int Length(int segment) => _offsets[segment + 1] - _offsets[segment];
}
