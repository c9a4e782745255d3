namespace Attune.Data.Labelled;

/// <summary>Where a labelled data set has its parts: column names (or numbers) of tables, field names of JSONL.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The class, or the number of a regression; null where the data have none.</param>
/// <param name="Pair">The second text; null if there is none.</param>
public sealed record LabelledColumns(string Text, string? Label, string? Pair = null);
