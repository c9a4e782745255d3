using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>Texts measured in code points, as offsets are.</summary>
internal static class CodePoints
{
    /// <summary>The part of a text between two code points.</summary>
    public static string Cut(string text, TextSpan span)
    {
        int start = Index(text, 0, span.Start);
        return text[start..Index(text, start, span.Length)];
    }

    private static int Index(string text, int from, int codePoints)
    {
        for (; codePoints > 0 && from < text.Length; codePoints--)
            from += from + 1 < text.Length && char.IsSurrogatePair(text[from], text[from + 1]) ? 2 : 1;
        return from;
    }
}
