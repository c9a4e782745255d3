namespace Attune.Tokenizers;

/// <summary>A stretch of the original text.</summary>
/// <param name="Start">Its first Unicode code point, counted from 0.</param>
/// <param name="End">The code point after its last.</param>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Its length in code points.</summary>
    public int Length => End - Start;

    /// <summary>What stands there in a text; what lies beyond its end is left out.</summary>
    public string In(string text)
    {
        int start = Index(text, 0, Start);
        return text[start..Index(text, start, Length)];
    }

    private static int Index(string text, int from, int codePoints)
    {
        for (; codePoints > 0 && from < text.Length; codePoints--)
            from += from + 1 < text.Length && char.IsSurrogatePair(text[from], text[from + 1]) ? 2 : 1;
        return from;
    }
}
