namespace Attune.Inference.Generation;

/// <summary>
/// Keeps the likeliest tokens whose parts of the entropy add up to no more than a share of it (top-H decoding, Potraghloo et al. 2025,
/// arXiv:2509.02510), and the likeliest one in any case. As in the reference, no more than the 100 likeliest are looked at.
/// </summary>
/// <param name="Share">The share, above 0 and at most 1.</param>
public sealed record TopH(float Share) : ILogitsProcessor
{
    private const int Considered = 100;

    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        (int Index, float Value)[] top = TopValues.Of(logits, Considered);
        double[] probabilities = Distribution.Of([.. top.Select(entry => entry.Value)]);
        double allowed = Distribution.Entropy(probabilities) * Share, sum = 0;
        int kept = 0;
        while (kept < top.Length && probabilities[kept] > 0)
        {
            sum -= probabilities[kept] * Math.Log(probabilities[kept]);
            if (sum > allowed && kept > 0)
                break;
            kept++;
        }
        logits.Fill(float.NegativeInfinity);
        foreach ((int index, float value) in top.AsSpan(0, kept))
            logits[index] = value;
    }
}
