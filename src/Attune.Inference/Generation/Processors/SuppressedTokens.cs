namespace Attune.Inference.Generation;

/// <summary>Removes tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Length">The only length of the text so far at which they are removed; null removes them always.</param>
public sealed record SuppressedTokens(IReadOnlyList<int> Ids, int? Length = null) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (Length is { } only && only != ids.Length)
            return;
        foreach (int id in Ids)
        {
            if ((uint)id < (uint)logits.Length)
                logits[id] = float.NegativeInfinity;
        }
    }
}
