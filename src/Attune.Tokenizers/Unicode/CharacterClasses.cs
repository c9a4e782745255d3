using System.Globalization;
using System.Text;

namespace Attune.Tokenizers.Unicode;

/// <summary>The character classes that published tokenizers test.</summary>
/// <remarks>
/// Some of those tests use tables of Unicode 7 to 9, whatever the runtime knows today; these sets are carried in
/// <c>Unicode/Data/classes.txt</c>. The others agree with the runtime's own categories.
/// </remarks>
internal static class CharacterClasses
{
    private static readonly Dictionary<string, CodePointSet> Sets = Load();

    /// <summary>What BERT's cleaning drops: control, format and private-use characters, NUL and U+FFFD.</summary>
    public static CodePointSet BertControl { get; } = Sets["control"];

    /// <summary>Marks that BERT's accent stripping drops.</summary>
    public static CodePointSet NonspacingMark { get; } = Sets["nonspacing"];

    /// <summary>ASCII symbols and punctuation, and all other punctuation.</summary>
    public static CodePointSet Punctuation { get; } = Sets["punctuation"];

    /// <summary>Combining marks of any kind.</summary>
    public static CodePointSet Mark { get; } = Sets["mark"];

    /// <summary>Whether a code point is white space: Unicode's White_Space property.</summary>
    public static bool IsWhiteSpace(int c) =>
        c < 0x80 ? c == ' ' || (uint)(c - 9) <= 4 : c is 0x85 or 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000;

    /// <summary>Whether a code point is a number of any kind (categories Nd, Nl, No).</summary>
    public static bool IsNumeric(int c)
    {
        if (c < 0x80) return (uint)(c - '0') <= 9;
        // Unicode 17 added these two runs of digits, which the runtime's tables may not have yet.
        if (c is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6)) return true;
        return CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
    }

    /// <summary>Whether a code point is alphabetic, a mark, a digit, a connector or a joiner: Unicode's word characters.</summary>
    public static bool IsWord(int c) => c is 0x200C or 0x200D || IsWordWithoutJoiners(c);

    /// <summary>The word characters of pattern syntax, where zero-width joiners are none.</summary>
    public static bool IsWordWithoutJoiners(int c)
    {
        if (c < 0x80) return (uint)((c | 0x20) - 'a') <= 25 || (uint)(c - '0') <= 9 || c == '_';
        // Letters in circles and squares are symbols by category and alphabetic by property.
        if (c is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189)) return true;
        return CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
    }

    /// <summary>Whether BERT sets a code point apart as a Chinese character.</summary>
    /// <remarks>The range from U+2B920 is what the published tokenizers test; the block itself starts at U+2B820.</remarks>
    public static bool IsChinese(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x2A6DF)
            or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>The lower-case form of one code point, taken by itself; a dotted capital I alone becomes two (i and U+0307).</summary>
    public static Rune ToLower(Rune rune) => rune.Value switch
    {
        // Letters of Unicode 16 and 17, which the runtime's case mapping may not have yet.
        0x1C89 or 0xA7CC or 0xA7CE or 0xA7D2 or 0xA7D4 or 0xA7DA => new Rune(rune.Value + 1),
        0xA7CB => new Rune(0x264),
        0xA7DC => new Rune(0x19B),
        >= 0x10D50 and <= 0x10D65 => new Rune(rune.Value + 32),
        >= 0x16EA0 and <= 0x16EB8 => new Rune(rune.Value + 27),
        _ => Rune.ToLowerInvariant(rune),
    };

    private static Dictionary<string, CodePointSet> Load()
    {
        var sets = new Dictionary<string, CodePointSet>();
        foreach (var line in UnicodeResource.Lines("classes.txt"))
        {
            var parts = line.Split(' ');
            sets[parts[0]] = new CodePointSet(parts.Skip(1).Select(p => UnicodeResource.Range(p)));
        }

        return sets;
    }
}
