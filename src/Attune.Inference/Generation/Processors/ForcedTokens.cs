namespace Attune.Inference.Generation;

/// <summary>Leaves nothing but given tokens at one place of the text.</summary>
/// <param name="Length">The length of the text so far at which they are forced.</param>
/// <param name="Ids">The tokens.</param>
public sealed record ForcedTokens(int Length, IReadOnlyList<int> Ids) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (ids.Length != Length)
            return;
        logits.Fill(float.NegativeInfinity);
        foreach (int id in Ids)
        {
            if ((uint)id < (uint)logits.Length)
                logits[id] = 0;
        }
    }
}
