using System.Text;

namespace Attune.Data.Labelled;

/// <summary>Places in a text by Unicode code points, as tokenizers and data sets count them; .NET counts UTF-16 units.</summary>
internal static class CodePoints
{
    /// <summary>The number of code points.</summary>
    public static int Count(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes()) count++;
        return count;
    }

    /// <summary>The text from one code point to (not with) another.</summary>
    public static string Slice(string text, int start, int end)
    {
        int at = 0, from = text.Length, to = text.Length, index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (index == start) from = at;
            if (index == end) to = at;
            index++;
            at += rune.Utf16SequenceLength;
        }
        return text[Math.Min(from, to)..to];
    }
}
