namespace Attune.Inference.Generation;

/// <summary>Makes tokens of the prompt likelier, so that a text keeps to its source.</summary>
/// <param name="Reward">Positive scores are multiplied by it, negative ones divided; above 1 encourages.</param>
/// <param name="Prompt">The tokens.</param>
public sealed record PromptReward(float Reward, IReadOnlyList<int> Prompt) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids) => new RepetitionPenalty(1 / Reward).Apply(logits, [.. Prompt]);
}
