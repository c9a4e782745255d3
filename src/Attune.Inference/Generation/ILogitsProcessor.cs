namespace Attune.Inference.Generation;

/// <summary>Changes the scores of the next token before one is chosen: scales them, or removes tokens by setting them to minus infinity.</summary>
/// <remarks>Stateless and safe to use from many threads.</remarks>
public interface ILogitsProcessor
{
    /// <summary>Changes the scores in place.</summary>
    /// <param name="logits">A score for each token of the vocabulary.</param>
    /// <param name="ids">The sequence so far, the prompt included; -1 stands for padding in front, which counts for the length only.</param>
    void Apply(Span<float> logits, ReadOnlySpan<int> ids);
}
