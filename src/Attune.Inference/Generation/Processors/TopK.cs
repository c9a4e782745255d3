namespace Attune.Inference.Generation;

/// <summary>Keeps the <paramref name="Count"/> likeliest tokens (Fan et al. 2018, arXiv:1805.04833) and any that tie with the last.</summary>
/// <param name="Count">How many, at least 1.</param>
public sealed record TopK(int Count) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (Count >= logits.Length)
            return;
        float least = TopValues.Of(logits, Count)[^1].Value;
        foreach (ref float logit in logits)
        {
            if (logit < least)
                logit = float.NegativeInfinity;
        }
    }
}
