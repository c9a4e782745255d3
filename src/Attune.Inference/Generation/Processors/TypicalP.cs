namespace Attune.Inference.Generation;

/// <summary>
/// Keeps the tokens whose information is closest to what is expected, until their probabilities add up to <paramref name="Mass"/>
/// (Meister et al. 2022, arXiv:2202.00666).
/// </summary>
/// <param name="Mass">The probability to be kept, above 0 and at most 1.</param>
/// <param name="Least">The most typical tokens that stay in any case.</param>
public sealed record TypicalP(float Mass, int Least = 1) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        double[] distances = new double[logits.Length];
        double[] all = Distribution.Of(logits);
        double entropy = Distribution.Entropy(all);
        (int[] order, double[] probabilities) = Distribution.Ordered(
            logits, (p, id) => distances[id] = p > 0 ? Math.Abs(-Math.Log(p) - entropy) : double.PositiveInfinity);
        double sum = 0;
        int kept = 0;
        while (kept < order.Length && sum < Mass)
            sum += probabilities[order[kept++]];
        double farthest = distances[order[Math.Clamp(kept, Math.Min(Least, order.Length), order.Length) - 1]];
        for (int i = kept; i < order.Length; i++)
        {
            if (distances[order[i]] > farthest)
                logits[order[i]] = float.NegativeInfinity;
        }
    }
}
