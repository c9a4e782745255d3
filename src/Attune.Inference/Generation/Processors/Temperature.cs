namespace Attune.Inference.Generation;

/// <summary>Divides the scores: below 1 the likeliest tokens become likelier, above 1 all become more alike.</summary>
/// <param name="Value">The divisor, above 0.</param>
public sealed record Temperature(float Value) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        foreach (ref float logit in logits)
            logit /= Value;
    }
}
