namespace Attune.Formats;

/// <summary>A line of a text file.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">Its text without the line end.</param>
public readonly record struct TextLine(long Number, string Text);
