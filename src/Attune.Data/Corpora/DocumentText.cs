namespace Attune.Data.Corpora;

/// <summary>The text of a document that came in one piece.</summary>
internal static class DocumentText
{
    /// <summary>Its lines that are not blank.</summary>
    public static IReadOnlyList<string> Sentences(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
