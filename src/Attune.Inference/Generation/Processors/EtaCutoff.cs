namespace Attune.Inference.Generation;

/// <summary>
/// Removes tokens below a probability, which falls with the entropy of the distribution (Hewitt et al. 2022, arXiv:2210.15191): the smaller one of
/// epsilon and the root of epsilon times e to the minus entropy.
/// </summary>
/// <param name="Epsilon">The largest threshold.</param>
/// <param name="Least">The likeliest tokens that stay in any case.</param>
public sealed record EtaCutoff(float Epsilon, int Least = 1) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        double[] probabilities = Distribution.Of(logits);
        double threshold = Math.Min(Epsilon, Math.Sqrt(Epsilon) * Math.Exp(-Distribution.Entropy(probabilities)));
        Distribution.RemoveBelow(logits, probabilities, threshold, Least);
    }
}
