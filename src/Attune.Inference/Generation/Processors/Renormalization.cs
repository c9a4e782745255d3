namespace Attune.Inference.Generation;

/// <summary>Makes the scores logarithms of probabilities again, after processors have changed them.</summary>
public sealed record Renormalization : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids) => Distribution.ToLogarithms(logits);
}
