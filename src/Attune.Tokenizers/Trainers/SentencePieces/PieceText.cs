using System.Text;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>Texts as code points, and the characters that have a meaning of their own while training.</summary>
internal static class PieceText
{
    /// <summary>What a space becomes.</summary>
    public const int Space = 0x2581;

    /// <summary>What a character becomes that is too rare to be kept; texts that have it are left out.</summary>
    public const int Unknown = 0x2585;

    /// <summary>Stands where no piece may reach across: at a reserved piece's place, and at a delimiter of words cut beforehand.</summary>
    public const int Boundary = 0x1F;

    /// <summary>The code points of a text; surrogates without a partner become U+FFFD.</summary>
    public static int[] CodePoints(ReadOnlySpan<char> text)
    {
        var points = new int[text.Length];
        var count = 0;
        foreach (var rune in text.EnumerateRunes()) points[count++] = rune.Value;
        return points.AsSpan(0, count).ToArray();
    }

    /// <summary>The text of code points.</summary>
    public static string Spell(ReadOnlySpan<int> points)
    {
        var builder = new StringBuilder(points.Length + 4);
        foreach (var point in points) builder.Append(new Rune(point).ToString());
        return builder.ToString();
    }

    /// <summary>How many bytes code points take in UTF-8.</summary>
    public static int Utf8Length(ReadOnlySpan<int> points)
    {
        var length = 0;
        foreach (var point in points) length += new Rune(point).Utf8SequenceLength;
        return length;
    }
}
