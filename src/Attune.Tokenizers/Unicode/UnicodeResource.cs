using System.Globalization;

namespace Attune.Tokenizers.Unicode;

/// <summary>Reads the character tables that the assembly carries in <c>Unicode/Data</c>.</summary>
internal static class UnicodeResource
{
    /// <summary>The lines of a table without its comments.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(UnicodeResource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource '{name}'.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#') yield return line;
        }
    }

    /// <summary>Reads <c>41</c> or <c>41-5A</c>, in hexadecimal.</summary>
    public static (int First, int Last) Range(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        var first = CodePoint(dash < 0 ? text : text[..dash]);
        return (first, dash < 0 ? first : CodePoint(text[(dash + 1)..]));
    }

    /// <summary>Reads a hexadecimal code point.</summary>
    public static int CodePoint(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
