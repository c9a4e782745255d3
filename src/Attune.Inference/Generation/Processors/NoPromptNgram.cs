namespace Attune.Inference.Generation;

/// <summary>Removes tokens that would complete a run of tokens which occurs in the prompt.</summary>
/// <param name="Size">The length of a run, at least 1.</param>
/// <param name="Prompt">The prompt.</param>
public sealed record NoPromptNgram(int Size, IReadOnlyList<int> Prompt) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<float> logits, ReadOnlySpan<int> ids)
    {
        if (ids.Length + 1 >= Size)
            NoRepeatNgram.Remove(logits, [.. Prompt], ids[(ids.Length - Size + 1)..]);
    }
}
