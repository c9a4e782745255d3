namespace Attune.Inference.Generation;

/// <summary>Removes tokens that would complete a run of tokens which has occurred already.</summary>
/// <param name="Size">The length of a run, at least 1.</param>
public sealed record NoRepeatNgram(int Size) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (ids.Length + 1 >= Size)
            Remove(logits, ids, ids[(ids.Length - Size + 1)..]);
    }

    /// <summary>Removes what follows some tokens wherever they stand.</summary>
    internal static void Remove(Span<float> logits, ReadOnlySpan<int> text, ReadOnlySpan<int> open)
    {
        for (int start = 0; start + open.Length < text.Length; start++)
        {
            int last = text[start + open.Length];
            if (text.Slice(start, open.Length).SequenceEqual(open) && (uint)last < (uint)logits.Length)
                logits[last] = float.NegativeInfinity;
        }
    }
}
