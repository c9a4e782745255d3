namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>A normalized sentence or word, and how often it occurs.</summary>
/// <param name="Text">Its code points.</param>
/// <param name="Count">How often it occurs.</param>
internal readonly record struct TrainingSentence(int[] Text, long Count);
