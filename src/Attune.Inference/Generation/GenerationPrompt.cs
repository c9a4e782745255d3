namespace Attune.Inference.Generation;

/// <summary>What a model is to continue or, for an encoder-decoder, to answer.</summary>
/// <param name="Ids">Its tokens.</param>
public sealed record GenerationPrompt(IReadOnlyList<int> Ids)
{
    /// <summary>
    /// What processors take for the tokens: with -1 for padding that the model does not read, which counts for lengths only; null is the
    /// tokens themselves.
    /// </summary>
    public IReadOnlyList<int>? History { get; init; }
}

/// <summary>Looks at the scores of a next token after all processors.</summary>
/// <param name="sequence">The number of the sequence: of prompt <c>sequence / returns</c>.</param>
/// <param name="scores">A score for each token of the vocabulary; valid during the call.</param>
public delegate void ScoresObserver(int sequence, ReadOnlySpan<float> scores);
