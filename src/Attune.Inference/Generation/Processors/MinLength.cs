namespace Attune.Inference.Generation;

/// <summary>Forbids the end before the sequence, its prompt included, has a length.</summary>
/// <param name="Length">The length in tokens.</param>
/// <param name="EndIds">The tokens that end a sequence.</param>
public sealed record MinLength(int Length, IReadOnlyList<int> EndIds) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (ids.Length < Length)
            new SuppressedTokens(EndIds).Apply(logits, ids);
    }
}
