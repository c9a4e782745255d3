namespace Attune.Inference.Generation;

/// <summary>
/// Keeps the fewest likeliest tokens whose probabilities add up to <paramref name="Mass"/> (nucleus sampling, Holtzman et al. 2020,
/// arXiv:1904.09751); the token that reaches it is kept.
/// </summary>
/// <param name="Mass">The probability to be kept, above 0 and at most 1.</param>
/// <param name="Least">The likeliest tokens that stay in any case.</param>
public sealed record TopP(float Mass, int Least = 1) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (Mass >= 1)
            return;
        (int[] order, double[] probabilities) = Distribution.Ordered(logits, (p, _) => -p);
        double sum = 0;
        int kept = 0;
        while (kept < order.Length && (sum < Mass || kept < Least))
            sum += probabilities[order[kept++]];
        for (int i = kept; i < order.Length; i++)
            logits[order[i]] = float.NegativeInfinity;
    }
}
