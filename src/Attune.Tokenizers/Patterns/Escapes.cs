using System.Globalization;
using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>Reads what a backslash introduces, for patterns and for the inside of brackets alike.</summary>
internal static class Escapes
{
    /// <summary>Reads one code point as it stands, as a range of one.</summary>
    public static (int First, int Last) ReadCodePoint(string pattern, ref int position)
    {
        if (Rune.TryGetRuneAt(pattern, position, out var rune))
        {
            position += rune.Utf16SequenceLength;
            return (rune.Value, rune.Value);
        }

        int unit = pattern[position++];
        return (unit, unit);
    }

    /// <summary>Reads what follows a backslash: a class or a single character.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="position">The character after the backslash; moves behind the escape.</param>
    /// <param name="inBrackets">Whether brackets enclose it.</param>
    public static CodePointSet ReadSet(string pattern, ref int position, bool inBrackets)
    {
        if (position >= pattern.Length) throw new PatternSyntaxException("the pattern ends in a backslash");
        switch (pattern[position++])
        {
            case 'd': return PatternClasses.Digit;
            case 'D': return PatternClasses.Digit.Complement();
            case 's': return PatternClasses.Space;
            case 'S': return PatternClasses.Space.Complement();
            case 'h': return PatternClasses.HexDigit;
            case 'H': return PatternClasses.HexDigit.Complement();
            case 'w': return inBrackets ? PatternClasses.Word : PatternClasses.WordAlone;
            case 'W': return (inBrackets ? PatternClasses.Word : PatternClasses.WordAlone).Complement();
            case 'p': return ReadProperty(pattern, ref position);
            case 'P': return ReadProperty(pattern, ref position).Complement();
            default:
                position--;
                var c = ReadCharacter(pattern, ref position, inBrackets);
                return new CodePointSet([(c, c)]);
        }
    }

    /// <summary>Whether what follows a backslash is a class rather than a single character.</summary>
    public static bool IsClass(char letter) => letter is 'd' or 'D' or 's' or 'S' or 'h' or 'H' or 'w' or 'W' or 'p' or 'P';

    /// <summary>Reads a single character after a backslash.</summary>
    public static int ReadCharacter(string pattern, ref int position, bool inBrackets)
    {
        var letter = pattern[position];
        switch (letter)
        {
            case 't':
                position++;
                return '\t';
            case 'n':
                position++;
                return '\n';
            case 'r':
                position++;
                return '\r';
            case 'f':
                position++;
                return '\f';
            case 'v':
                position++;
                return '\v';
            case 'a':
                position++;
                return '\a';
            case 'e':
                position++;
                return '\x1B';
            case 'b' when inBrackets:
                position++;
                return '\b';
            case 'x' when position + 1 < pattern.Length && pattern[position + 1] == '{':
                var close = pattern.IndexOf('}', position);
                if (close < 0) throw new PatternSyntaxException("\\x{ is not closed");
                var braced = ParseHex(pattern.AsSpan(position + 2, close - position - 2));
                position = close + 1;
                return braced;
            case 'x':
                return ReadHex(pattern, ref position, 2);
            case 'u':
                return ReadHex(pattern, ref position, 4);
            case '0':
                var octal = 0;
                for (var i = 0; i < 3 && position < pattern.Length && pattern[position] is >= '0' and <= '7'; i++) octal = (octal * 8) + pattern[position++] - '0';
                return octal;
            case (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                throw new PatternSyntaxException($"\\{letter} is not supported");
            default:
                return ReadCodePoint(pattern, ref position).First;
        }
    }

    private static CodePointSet ReadProperty(string pattern, ref int position)
    {
        var close = pattern.IndexOf('}', position);
        if (position >= pattern.Length || pattern[position] != '{' || close < 0) throw new PatternSyntaxException("\\p without {name}");
        var name = pattern[(position + 1)..close];
        position = close + 1;
        return name.StartsWith('^') ? PatternClasses.Property(name[1..]).Complement() : PatternClasses.Property(name);
    }

    private static int ReadHex(string pattern, ref int position, int digits)
    {
        var start = ++position;
        while (position < pattern.Length && position < start + digits && char.IsAsciiHexDigit(pattern[position])) position++;
        return ParseHex(pattern.AsSpan(start, position - start));
    }

    private static int ParseHex(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 0x10FFFF
            ? value
            : throw new PatternSyntaxException($"'{digits}' is not a hexadecimal code point");
}
