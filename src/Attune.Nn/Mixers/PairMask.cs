using Attune.Tensors;

namespace Attune.Nn.Mixers;

/// <summary>Which pairs of rows of each sequence may see each other, in the form that attention reads. All blocks of a stack share one.</summary>
/// <remarks>Belongs to one pass.</remarks>
public sealed class PairMask
{
    private readonly ReadOnlyMemory<bool> _visible;
    private readonly Segments _segments;
    private Tensor? _bias;
    private int _heads;

    /// <summary>Makes a mask.</summary>
    /// <param name="visible">For each sequence whether a query sees a key, <c>[sum over sequences of length * length]</c>.</param>
    /// <param name="segments">The sequences.</param>
    /// <exception cref="ArgumentException">There is not one value for each pair.</exception>
    public PairMask(ReadOnlyMemory<bool> visible, Segments segments)
    {
        (_visible, _segments) = (visible, segments);
        long pairs = 0;
        for (int s = 0; s < segments.Count; s++)
            pairs += (long)segments.Length(s) * segments.Length(s);
        if (visible.Length != pairs)
            throw new ArgumentException($"A mask of pairs must have one value for each of {pairs} pairs; it has {visible.Length}.", nameof(visible));
    }

    /// <summary>What is added to scores: 0 or minus infinity for each head and pair.</summary>
    /// <param name="heads">The number of heads.</param>
    /// <param name="other">What else is added to scores, which must be nothing.</param>
    /// <exception cref="NotSupportedException">Something else is added.</exception>
    public Tensor Bias(int heads, Tensor? other)
    {
        if (other is not null)
            throw new NotSupportedException("A stack with relative positions cannot leave out single pairs.");
        if (_bias is not null && _heads == heads)
            return _bias;
        float[] values = new float[checked(heads * _visible.Length)];
        ReadOnlySpan<bool> visible = _visible.Span;
        for (int s = 0, pairs = 0; s < _segments.Count; s++)
        {
            int count = _segments.Length(s) * _segments.Length(s);
            Span<float> first = values.AsSpan(heads * pairs, count);
            for (int pair = 0; pair < count; pair++)
                first[pair] = visible[pairs + pair] ? 0 : float.NegativeInfinity;
            for (int head = 1; head < heads; head++)
                first.CopyTo(values.AsSpan(heads * pairs + head * count));
            pairs += count;
        }
        _heads = heads;
        return _bias = Tensor.From([values.Length], values);
    }
}
