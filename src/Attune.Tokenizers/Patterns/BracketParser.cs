using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>Reads the inside of <c>[...]</c>: ranges, classes, nested brackets and intersections.</summary>
internal sealed class BracketParser(string pattern, int position)
{
    private const int MaxDepth = 50;

    private int _position = position;
    private int _depth;

    /// <summary>Reads up to and including the closing bracket.</summary>
    /// <param name="end">The place behind it.</param>
    public CodePointSet Parse(out int end)
    {
        var set = ParseBracket();
        end = _position;
        return set;
    }

    private CodePointSet ParseBracket()
    {
        if (++_depth > MaxDepth) throw new PatternSyntaxException($"brackets are nested more than {MaxDepth} deep");
        var negated = Take("^");
        CodePointSet? intersection = null;
        var sets = new List<CodePointSet>();
        var ranges = new List<(int First, int Last)>();
        for (var first = true; ; first = false)
        {
            if (_position >= pattern.Length) throw new PatternSyntaxException("a [ is not closed");
            if (pattern[_position] == ']' && !first) break;
            if (Take("&&"))
            {
                var left = Collect(sets, ranges);
                intersection = intersection?.Intersect(left) ?? left;
                continue;
            }

            ParseMember(sets, ranges);
        }

        _position++;
        _depth--;
        var set = Collect(sets, ranges);
        if (intersection is not null) set = intersection.Intersect(set);
        return negated ? set.Complement() : set;
    }

    private void ParseMember(List<CodePointSet> sets, List<(int First, int Last)> ranges)
    {
        if (pattern.AsSpan(_position).StartsWith("[:") && pattern.IndexOf(":]", _position, StringComparison.Ordinal) is var close and > 0)
        {
            var name = pattern[(_position + 2)..close];
            sets.Add(name.StartsWith('^') ? PatternClasses.Posix(name[1..]).Complement() : PatternClasses.Posix(name));
            _position = close + 2;
            return;
        }

        if (pattern[_position] == '[')
        {
            _position++;
            sets.Add(ParseBracket());
            return;
        }

        if (pattern[_position] == '\\' && _position + 1 < pattern.Length && Escapes.IsClass(pattern[_position + 1]))
        {
            _position++;
            sets.Add(Escapes.ReadSet(pattern, ref _position, inBrackets: true));
            return;
        }

        var low = ReadCharacter();
        var isRange = _position + 1 < pattern.Length && pattern[_position] == '-' && pattern[_position + 1] is not (']' or '[')
            && !(pattern[_position + 1] == '\\' && _position + 2 < pattern.Length && Escapes.IsClass(pattern[_position + 2]));
        if (!isRange)
        {
            ranges.Add((low, low));
            return;
        }

        _position++;
        var high = ReadCharacter();
        if (high < low) throw new PatternSyntaxException($"a range in brackets ends before it begins, before {_position}");
        ranges.Add((low, high));
    }

    private int ReadCharacter()
    {
        if (pattern[_position] != '\\') return Escapes.ReadCodePoint(pattern, ref _position).First;
        _position++;
        if (_position >= pattern.Length) throw new PatternSyntaxException("the pattern ends in a backslash");
        return Escapes.ReadCharacter(pattern, ref _position, inBrackets: true);
    }

    private bool Take(string text)
    {
        if (!pattern.AsSpan(_position).StartsWith(text)) return false;
        _position += text.Length;
        return true;
    }

    private static CodePointSet Collect(List<CodePointSet> sets, List<(int First, int Last)> ranges)
    {
        var all = new CodePointSet(sets.SelectMany(s => s.Ranges).Concat(ranges));
        sets.Clear();
        ranges.Clear();
        return all;
    }
}
