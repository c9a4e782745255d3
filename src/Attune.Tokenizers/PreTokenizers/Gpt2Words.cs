using System.Globalization;
using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>
/// GPT-2's pattern for words by hand: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// It leaves no gaps, so one function that measures the word at the front is all there is.
/// </summary>
internal static class Gpt2Words
{
    private const byte Letter = 1;
    private const byte Number = 2;
    private const byte Other = 3;
    private const byte Space = 4;

    private static readonly byte[] Kinds = MakeKinds();

    /// <summary>The length in UTF-16 units of the word that a text begins with; at least 1.</summary>
    /// <param name="text">Not empty.</param>
    public static int Length(ReadOnlySpan<char> text)
    {
        var first = text[0];
        if (first == '\'')
        {
            var contraction = Contraction(text);
            if (contraction > 0) return contraction;
        }

        var start = first == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindAt(text, start, out var units);
        if (kind != Space) return Run(text, start + units, kind);
        if (start == 1) kind = KindAt(text, 0, out units);
        return kind == Space ? Spaces(text) : Run(text, units, kind);
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2) return 0;
        switch (text[1])
        {
            case 's' or 't' or 'm' or 'd':
                return 2;
            case 'r' or 'v' when text.Length > 2 && text[2] == 'e':
            case 'l' when text.Length > 2 && text[2] == 'l':
                return 3;
            default:
                return 0;
        }
    }

    private static int Run(ReadOnlySpan<char> text, int at, byte kind)
    {
        var kinds = Kinds;
        while (at < text.Length)
        {
            var c = text[at];
            if (c < 0x80)
            {
                if (kinds[c] != kind) break;
                at++;
            }
            else
            {
                if (KindAt(text, at, out var units) != kind) break;
                at += units;
            }
        }

        return at;
    }

    // A run of white space leaves its last character to the word that follows it, unless it is that character alone.
    private static int Spaces(ReadOnlySpan<char> text)
    {
        var end = 1;
        while (end < text.Length && CharacterClasses.IsWhiteSpace(text[end])) end++;
        return end < text.Length && end > 1 ? end - 1 : end;
    }

    private static byte KindAt(ReadOnlySpan<char> text, int at, out int units)
    {
        units = 1;
        int c = text[at];
        if (c < 0x80) return Kinds[c];
        if (char.IsSurrogate((char)c))
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out units);
            c = rune.Value;
        }

        return Classify(c);
    }

    private static byte Classify(int c) => CharacterClasses.IsWhiteSpace(c) ? Space : CharUnicodeInfo.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
        _ => Other,
    };

    private static byte[] MakeKinds()
    {
        var kinds = new byte[0x80];
        for (var c = 0; c < kinds.Length; c++) kinds[c] = Classify(c);
        return kinds;
    }
}
