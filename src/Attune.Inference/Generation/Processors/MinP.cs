namespace Attune.Inference.Generation;

/// <summary>Removes tokens that are less likely than a share of the likeliest one (Nguyen et al. 2024, arXiv:2407.01082).</summary>
/// <param name="Share">The share, 0 to 1.</param>
public sealed record MinP(float Share) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        double[] probabilities = Distribution.Of(logits);
        double least = Share * probabilities.Max();
        for (int id = 0; id < logits.Length; id++)
        {
            if (probabilities[id] < least)
                logits[id] = float.NegativeInfinity;
        }
    }
}
