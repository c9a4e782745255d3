namespace Attune.Data.Labelled;

/// <summary>A text, or a pair of texts, with what a task should say about it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Pair">The second text of a pair; null if there is none.</param>
/// <param name="Label">The class, a number of the data set's <see cref="LabelSet"/>; -1 where the data have no label.</param>
/// <param name="Value">The number to predict, in a regression.</param>
/// <param name="Origin">Where the row stands, for messages: file and line.</param>
public sealed record LabelledText(string Text, string? Pair, int Label, float Value, string Origin);
