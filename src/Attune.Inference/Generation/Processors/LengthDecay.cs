namespace Attune.Inference.Generation;

/// <summary>How the end of a text becomes likelier.</summary>
/// <param name="After">The number of written tokens from which on it does.</param>
/// <param name="Factor">How much it does with each further token; above 1.</param>
public sealed record LengthDecay(int After, float Factor);

/// <summary>Raises the scores of end tokens by a share of their size that grows exponentially with the length.</summary>
/// <param name="Decay">How.</param>
/// <param name="Begun">How many tokens there were before the first one that was written.</param>
/// <param name="EndIds">The tokens that end a sequence.</param>
public sealed record LengthDecayProcessor(LengthDecay Decay, int Begun, IReadOnlyList<int> EndIds) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        int over = ids.Length - Begun - Decay.After;
        if (over <= 0)
            return;
        float share = (float)(Math.Pow(Decay.Factor, over) - 1);
        foreach (int id in EndIds)
        {
            if ((uint)id < (uint)logits.Length)
                logits[id] += Math.Abs(logits[id]) * share;
        }
    }
}
