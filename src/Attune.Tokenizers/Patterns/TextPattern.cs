using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>A pattern that finds stretches of a text.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class TextPattern
{
    private readonly PatternStep[] _steps;
    private readonly CodePointSet[] _sets;
    private readonly int _registerCount;
    private readonly string? _literal;

    private TextPattern(PatternNode node, int captures)
    {
        var program = PatternProgram.Compile(node, captures);
        (_steps, _sets, _registerCount) = (program.Steps, program.Sets, program.RegisterCount);
    }

    private TextPattern(string literal) => (_steps, _sets, _literal) = ([], [], literal);

    /// <summary>A pattern in Oniguruma's syntax.</summary>
    /// <exception cref="PatternSyntaxException">It is malformed or not supported.</exception>
    public static TextPattern Parse(string pattern)
    {
        var (node, captures) = PatternParser.Parse(pattern);
        return new TextPattern(node, captures);
    }

    /// <summary>A pattern that finds a text as it stands.</summary>
    public static TextPattern Literal(string text) => text.Length > 0 ? new TextPattern(text) : new TextPattern(new PatternNode.Empty(), 0);

    /// <summary>Lists all matches, left to right without overlap, and what lies between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="matches">Gets stretches that cover the text without gaps; its old content is dropped.</param>
    /// <param name="invert">Whether what lies between matches counts as the match.</param>
    public void FindAll(ReadOnlySpan<char> text, List<PatternMatch> matches, bool invert = false)
    {
        matches.Clear();
        if (text.IsEmpty) return;
        var covered = 0;
        if (_literal is not null)
        {
            for (int at; (at = text[covered..].IndexOf(_literal)) >= 0;) Add(covered + at, covered + at + _literal.Length);
        }
        else
        {
            FindByMachine(text);
        }

        if (covered < text.Length) matches.Add(new PatternMatch(covered, text.Length, invert));

        void Add(int start, int end)
        {
            if (covered < start) matches.Add(new PatternMatch(covered, start, invert));
            matches.Add(new PatternMatch(start, end, !invert));
            covered = end;
        }

        void FindByMachine(ReadOnlySpan<char> chars)
        {
            var machine = new PatternMachine(_steps, _sets, _registerCount, chars);
            var lastEnd = -1;
            for (var from = 0; from <= chars.Length;)
            {
                machine.SearchStart = from;
                var start = from;
                int end;
                while ((end = machine.Match(start)) < 0 && start < chars.Length) start += Step(chars, start);
                if (end < 0) return;
                if (start == end && end == lastEnd)
                {
                    // An empty match right behind the last one is none; search on behind the next character.
                    from = from == chars.Length ? from + 1 : from + Step(chars, from);
                    continue;
                }

                Add(start, end);
                from = lastEnd = end;
            }
        }
    }

    private static int Step(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}
