namespace Attune.Inference.Generation;

/// <summary>Removes tokens that would complete a run of tokens which has occurred already.</summary>
/// <param name="Size">The length of a run, at least 1.</param>
public sealed record NoRepeatNgram(int Size) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (ids.Length + 1 < Size)
            return;
        ReadOnlySpan<int> open = ids[(ids.Length - Size + 1)..];
        for (int start = 0; start + Size <= ids.Length; start++)
        {
            int last = ids[start + Size - 1];
            if (ids.Slice(start, Size - 1).SequenceEqual(open) && (uint)last < (uint)logits.Length)
                logits[last] = float.NegativeInfinity;
        }
    }
}
