namespace Attune.Inference.Generation;

/// <summary>Tokens that a model has written.</summary>
/// <param name="Ids">The tokens without the prompt; the one that ended them is the last.</param>
/// <param name="Score">The sum of their log-probabilities divided by a power of their number, from a beam search; null from other ways.</param>
public sealed record GeneratedSequence(IReadOnlyList<int> Ids, float? Score);

/// <summary>A text that a model has written.</summary>
/// <param name="Text">The text without the prompt, up to the first stop string.</param>
/// <param name="Tokens">How many tokens it took.</param>
/// <param name="Score">As for <see cref="GeneratedSequence"/>.</param>
public sealed record GeneratedText(string Text, int Tokens, float? Score);
