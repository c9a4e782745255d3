namespace Attune.Inference.Generation;

/// <summary>Makes tokens that have occurred less likely (Keskar et al. 2019, arXiv:1909.05858).</summary>
/// <param name="Penalty">Positive scores are divided by it, negative ones multiplied; above 1 discourages.</param>
public sealed record RepetitionPenalty(float Penalty) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        HashSet<int> seen = [];
        foreach (int id in ids)
        {
            if ((uint)id < (uint)logits.Length && seen.Add(id))
                logits[id] = logits[id] < 0 ? logits[id] * Penalty : logits[id] / Penalty;
        }
    }
}
