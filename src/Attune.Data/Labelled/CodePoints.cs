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
}
