namespace Attune.Inference.Generation;

/// <summary>Removes tokens below a probability (Hewitt et al. 2022, arXiv:2210.15191).</summary>
/// <param name="Probability">The probability.</param>
/// <param name="Least">The likeliest tokens that stay in any case.</param>
public sealed record EpsilonCutoff(float Probability, int Least = 1) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids) => Distribution.RemoveBelow(logits, Distribution.Of(logits), Probability, Least);
}
