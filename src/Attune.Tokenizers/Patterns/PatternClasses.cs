using System.Globalization;
using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>The character sets that pattern syntax has names for.</summary>
internal static class PatternClasses
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, CodePointSet> Known = [];
    private static readonly Lazy<Dictionary<string, string>> Properties = new(LoadProperties);

    private static readonly CodePointSet LatinNumerals = CodePointSet.Where(IsLatinNumeral);

    /// <summary>Every code point.</summary>
    public static CodePointSet All { get; } = new([(0, 0x10FFFF)]);

    /// <summary>Everything but the line feed.</summary>
    public static CodePointSet NotNewline { get; } = new CodePointSet([('\n', '\n')]).Complement();

    /// <summary>White space, <c>\s</c>.</summary>
    public static CodePointSet Space => Cached("\\s", () => CodePointSet.Where(CharacterClasses.IsWhiteSpace));

    /// <summary>Word characters, <c>\w</c> in brackets.</summary>
    public static CodePointSet Word => Cached("\\w", () => CodePointSet.Where(CharacterClasses.IsWordWithoutJoiners));

    /// <summary>Word characters, <c>\w</c> by itself.</summary>
    public static CodePointSet WordAlone => Cached("\\W", () => Word.Union(LatinNumerals));

    /// <summary>Decimal digits, <c>\d</c>.</summary>
    public static CodePointSet Digit => Category("Nd");

    /// <summary>Hexadecimal digits, <c>\h</c>.</summary>
    public static CodePointSet HexDigit { get; } = new([('0', '9'), ('A', 'F'), ('a', 'f')]);

    /// <summary>Whether a code point is one of the Latin-1 numerals that Oniguruma counts as word characters in <c>\w</c> outside of brackets and in <c>\b</c>.</summary>
    public static bool IsLatinNumeral(int c) => c is 0xB2 or 0xB3 or 0xB9 or (>= 0xBC and <= 0xBE);

    /// <summary>The set of a property (<c>\p{...}</c>): a general category, a script or one of the named properties.</summary>
    /// <exception cref="PatternSyntaxException">There is no such property.</exception>
    public static CodePointSet Property(string name)
    {
        var key = Simplify(name);
        return key switch
        {
            "any" => All,
            "ascii" => new CodePointSet([(0, 0x7F)]),
            "assigned" => Category("Cn").Complement(),
            "alpha" => Property("alphabetic"),
            "upper" => Property("uppercase"),
            "lower" => Property("lowercase"),
            "alnum" => Property("alphabetic").Union(Digit),
            "space" or "whitespace" => Space,
            "word" => Word,
            "digit" => Digit,
            "xdigit" => HexDigit,
            "blank" => Category("Zs").Union(new CodePointSet([('\t', '\t')])),
            "cntrl" => Category("Cc"),
            "punct" => Category("P").Union(Category("S")),
            "graph" => Space.Union(Category("Cc")).Union(Category("Cn")).Union(Category("Cs")).Complement(),
            "print" => Category("Cc").Union(Category("Cn")).Union(Category("Cs")).Complement(),
            _ when Properties.Value.TryGetValue(key, out var ranges) => Cached(key, () => new CodePointSet(ranges.Split(' ').Select(r => UnicodeResource.Range(r)))),
            _ => Category(name),
        };
    }

    /// <summary>The set of a POSIX bracket (<c>[:alpha:]</c>).</summary>
    /// <exception cref="PatternSyntaxException">There is no such bracket.</exception>
    public static CodePointSet Posix(string name) =>
        name is "alnum" or "alpha" or "ascii" or "blank" or "cntrl" or "digit" or "graph" or "lower" or "print" or "punct" or "space" or "upper" or "word" or "xdigit"
            ? Property(name)
            : throw new PatternSyntaxException($"[:{name}:] is not a known bracket");

    private static CodePointSet Category(string name)
    {
        var categories = Enum.GetValues<UnicodeCategory>().Where(c => Matches(Abbreviation(c), c, Simplify(name))).ToHashSet();
        if (categories.Count == 0) throw new PatternSyntaxException($"\\p{{{name}}} is not a known property");
        return Cached("category " + Simplify(name), () => CodePointSet.Where(c => categories.Contains(CharUnicodeInfo.GetUnicodeCategory(c))));
    }

    private static bool Matches(string abbreviation, UnicodeCategory category, string name) => name.Length switch
    {
        1 => char.ToLowerInvariant(abbreviation[0]) == name[0],
        2 => abbreviation.Equals(name, StringComparison.OrdinalIgnoreCase) || (name == "lc" && abbreviation is "Lu" or "Ll" or "Lt"),
        _ => LongName(abbreviation) == name || Group(abbreviation) == name || Simplify(category.ToString()) == name,
    };

    private static string Group(string abbreviation) => abbreviation[0] switch
    {
        'L' => "letter",
        'M' => "mark",
        'N' => "number",
        'P' => "punctuation",
        'S' => "symbol",
        'Z' => "separator",
        _ => "other",
    };

    // Unicode's long names, where they differ from the runtime's.
    private static string LongName(string abbreviation) => abbreviation switch
    {
        "Mn" => "nonspacingmark",
        "Mc" => "spacingmark",
        "Nd" => "decimalnumber",
        "Pi" => "initialpunctuation",
        "Pf" => "finalpunctuation",
        "Co" => "privateuse",
        "Cn" => "unassigned",
        _ => "",
    };

    private static string Abbreviation(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.Surrogate => "Cs",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        _ => "Cn",
    };

    private static string Simplify(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is not (' ' or '_' or '-')) builder.Append(char.ToLowerInvariant(c));
        }

        return builder.ToString();
    }

    private static CodePointSet Cached(string key, Func<CodePointSet> make)
    {
        lock (Gate)
        {
            if (Known.TryGetValue(key, out var set)) return set;
        }

        var made = make();
        lock (Gate) return Known[key] = made;
    }

    private static Dictionary<string, string> LoadProperties() =>
        UnicodeResource.Lines("properties.txt").Select(line => line.Split(' ', 2)).ToDictionary(parts => Simplify(parts[0]), parts => parts[1]);
}
