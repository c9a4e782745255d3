namespace Attune.Data.Corpora;

/// <summary>A document of a corpus.</summary>
/// <param name="Origin">Where it comes from, for messages: file and line, or a name.</param>
/// <param name="Sentences">Its sentences (or lines, or the whole text as one), in order.</param>
public sealed record TextDocument(string Origin, IReadOnlyList<string> Sentences);
