namespace Attune.Inference.Generation;

/// <summary>Removes tokens that are less likely than a share of the likeliest one (Nguyen et al. 2024, arXiv:2407.01082).</summary>
/// <param name="Share">The share, 0 to 1.</param>
/// <param name="Least">The likeliest tokens that stay in any case.</param>
public sealed record MinP(float Share, int Least = 1) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        double[] probabilities = Distribution.Of(logits);
        Distribution.RemoveBelow(logits, probabilities, Share * probabilities.Max(), Least);
    }
}
