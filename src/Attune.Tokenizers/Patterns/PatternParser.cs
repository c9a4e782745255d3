using System.Globalization;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>Reads patterns in Oniguruma's syntax, as <c>tokenizer.json</c> files write them.</summary>
/// <remarks>Anything outside of the supported syntax is an error: a pattern that is half understood would split texts wrongly.</remarks>
internal sealed class PatternParser
{
    // Deeper nesting than any real pattern has; parsing recurses once a level.
    private const int MaxDepth = 100;
    private const int MaxRepeat = 1000;
    private const int MaxLength = 4096;

    private readonly string _pattern;
    private readonly Dictionary<string, int> _names = [];
    private int _position;
    private int _depth;
    private Options _options;

    private PatternParser(string pattern) => _pattern = pattern;

    /// <summary>How many parts are captured so far.</summary>
    public int CaptureCount { get; private set; }

    private bool AtEnd => _position == _pattern.Length;

    private char Current => _pattern[_position];

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="PatternSyntaxException">It is malformed or not supported.</exception>
    public static (PatternNode Node, int Captures) Parse(string pattern)
    {
        if (pattern.Length > MaxLength) throw new PatternSyntaxException($"it is longer than {MaxLength} characters");
        var parser = new PatternParser(pattern);
        var node = parser.ParseChoice();
        if (!parser.AtEnd) throw new PatternSyntaxException($"unmatched ) at {parser._position}");
        return (node, parser.CaptureCount);
    }

    private static PatternNode.Set Single(int codePoint) => new(new CodePointSet([(codePoint, codePoint)]));

    private PatternNode ParseChoice()
    {
        if (++_depth > MaxDepth) throw new PatternSyntaxException($"groups are nested more than {MaxDepth} deep");
        var saved = _options;
        var options = new List<PatternNode> { ParseSequence() };
        while (!AtEnd && Current == '|')
        {
            _position++;
            options.Add(ParseSequence());
        }

        _options = saved;
        _depth--;
        return options.Count == 1 ? options[0] : new PatternNode.Choice(options);
    }

    private PatternNode.Sequence ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (!AtEnd && Current is not ('|' or ')'))
        {
            if (_options.HasFlag(Options.Extended) && SkipExtended()) continue;
            var part = ParseAtom();
            if (part is null) continue;
            parts.Add(ParseQuantifiers(part));
        }

        return new PatternNode.Sequence(parts);
    }

    private bool SkipExtended()
    {
        if (char.IsWhiteSpace(Current))
        {
            _position++;
            return true;
        }

        if (Current != '#') return false;
        while (!AtEnd && Current != '\n') _position++;
        return true;
    }

    private PatternNode ParseQuantifiers(PatternNode part)
    {
        while (!AtEnd)
        {
            int least, most;
            var interval = false;
            switch (Current)
            {
                case '*':
                    (least, most) = (0, -1);
                    _position++;
                    break;
                case '+':
                    (least, most) = (1, -1);
                    _position++;
                    break;
                case '?':
                    (least, most) = (0, 1);
                    _position++;
                    break;
                case '{' when TryParseInterval(out least, out most):
                    interval = true;
                    break;
                default:
                    return part;
            }

            if (part is PatternNode.Anchor) throw new PatternSyntaxException($"nothing to repeat before {_position}");
            if (!AtEnd && Current == '?')
            {
                _position++;
                // An exact count cannot be lazy; the question mark makes it optional instead.
                part = interval && least == most
                    ? new PatternNode.Repeat(new PatternNode.Repeat(part, least, most, false), 0, 1, false)
                    : new PatternNode.Repeat(part, least, most, true);
            }
            else if (!AtEnd && Current == '+' && !interval)
            {
                _position++;
                part = new PatternNode.Atomic(new PatternNode.Repeat(part, least, most, false));
            }
            else
            {
                part = new PatternNode.Repeat(part, least, most, false);
            }
        }

        return part;
    }

    private bool TryParseInterval(out int least, out int most)
    {
        (least, most) = (0, 0);
        var close = _pattern.IndexOf('}', _position);
        if (close < 0) return false;
        var body = _pattern.AsSpan(_position + 1, close - _position - 1);
        var comma = body.IndexOf(',');
        var low = comma < 0 ? body : body[..comma];
        var high = comma < 0 ? body : body[(comma + 1)..];
        if (low.IsEmpty && (comma < 0 || high.IsEmpty)) return false;
        if (!low.IsEmpty && !TryNumber(low, out least)) return false;
        if (high.IsEmpty) most = -1;
        else if (!TryNumber(high, out most)) return false;
        if (Math.Max(least, most) > MaxRepeat) throw new PatternSyntaxException($"a repeat count above {MaxRepeat} at {_position}");
        if (most >= 0 && least > most) throw new PatternSyntaxException($"a repeat count that begins above its end at {_position}");
        _position = close + 1;
        return true;

        static bool TryNumber(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    // Null for what leaves no node behind, such as an option switch or a comment.
    private PatternNode? ParseAtom()
    {
        switch (Current)
        {
            case '(':
                return ParseGroup();
            case '[':
                _position++;
                return Cased(new BracketParser(_pattern, _position).Parse(out _position));
            case '.':
                _position++;
                return new PatternNode.Set(_options.HasFlag(Options.DotAll) ? PatternClasses.All : PatternClasses.NotNewline);
            case '^':
                _position++;
                return new PatternNode.Anchor(AnchorKind.LineStart);
            case '$':
                _position++;
                return new PatternNode.Anchor(AnchorKind.LineEnd);
            case '\\':
                return ParseEscape();
            case '*' or '+' or '?':
                throw new PatternSyntaxException($"nothing to repeat at {_position}");
            default:
                return Cased(new CodePointSet([Escapes.ReadCodePoint(_pattern, ref _position)]));
        }
    }

    private PatternNode.Set Cased(CodePointSet set) => new(_options.HasFlag(Options.IgnoreCase) ? CaseFolding.Close(set) : set);

    private PatternNode? ParseGroup()
    {
        var start = _position++;
        if (AtEnd || Current != '?')
        {
            var number = ++CaptureCount;
            return new PatternNode.Capture(Body(), number);
        }

        _position++;
        if (AtEnd) throw Unsupported(start);
        switch (_pattern[_position++])
        {
            case ':':
                return Body();
            case '=':
                return new PatternNode.Look(Body(), false, false);
            case '!':
                return new PatternNode.Look(Body(), false, true);
            case '>':
                return new PatternNode.Atomic(Body());
            case '<' when !AtEnd && Current is '=' or '!':
                var negated = _pattern[_position++] == '!';
                return new PatternNode.Look(Body(), true, negated);
            case '<':
                var close = _pattern.IndexOf('>', _position);
                if (close <= _position) throw Unsupported(start);
                var named = ++CaptureCount;
                _names[_pattern[_position..close]] = named;
                _position = close + 1;
                return new PatternNode.Capture(Body(), named);
            case '#':
                _position = _pattern.IndexOf(')', _position) + 1;
                return _position == 0 ? throw new PatternSyntaxException($"the comment at {start} is not closed") : null;
            default:
                _position--;
                return ParseOptions(start);
        }

        PatternNode Body()
        {
            var body = ParseChoice();
            if (AtEnd) throw new PatternSyntaxException($"the group at {start} is not closed");
            _position++;
            return body;
        }
    }

    private PatternNode? ParseOptions(int start)
    {
        var on = true;
        var options = _options;
        for (; !AtEnd; _position++)
        {
            switch (Current)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    Set(Options.IgnoreCase);
                    break;
                case 'm':
                    Set(Options.DotAll);
                    break;
                case 'x':
                    Set(Options.Extended);
                    break;
                case ')':
                    // The switch holds to the end of the enclosing group, alternatives included.
                    _position++;
                    _options = options;
                    return null;
                case ':':
                    _position++;
                    var outer = _options;
                    _options = options;
                    var body = ParseChoice();
                    _options = outer;
                    if (AtEnd) throw new PatternSyntaxException($"the group at {start} is not closed");
                    _position++;
                    return body;
                default:
                    throw Unsupported(start);
            }
        }

        throw Unsupported(start);

        void Set(Options option) => options = on ? options | option : options & ~option;
    }

    private PatternNode ParseEscape()
    {
        var start = _position;
        if (_position + 1 == _pattern.Length) throw new PatternSyntaxException("the pattern ends in a backslash");
        switch (_pattern[_position + 1])
        {
            case 'b':
                return Anchor(AnchorKind.WordBoundary);
            case 'B':
                return Anchor(AnchorKind.NotWordBoundary);
            case 'A':
                return Anchor(AnchorKind.TextStart);
            case 'z':
                return Anchor(AnchorKind.TextEnd);
            case 'Z':
                return Anchor(AnchorKind.TextEndOrLastNewline);
            case 'G':
                return Anchor(AnchorKind.SearchStart);
            case 'X':
                _position += 2;
                return new PatternNode.Grapheme();
            case 'R':
                _position += 2;
                return new PatternNode.Atomic(new PatternNode.Choice(
                    [new PatternNode.Sequence([Single('\r'), Single('\n')]), new PatternNode.Set(new CodePointSet([('\n', '\r'), (0x85, 0x85), (0x2028, 0x2029)]))]));
            case 'k':
                return ParseNamedReference(start);
            case >= '1' and <= '9':
                _position += 2;
                var number = _pattern[_position - 1] - '0';
                if (number > CaptureCount) throw new PatternSyntaxException($"\\{number} refers to no group");
                return new PatternNode.BackReference(number);
            default:
                _position++;
                return Cased(Escapes.ReadSet(_pattern, ref _position, inBrackets: false));
        }

        PatternNode.Anchor Anchor(AnchorKind kind)
        {
            _position += 2;
            return new PatternNode.Anchor(kind);
        }
    }

    private PatternNode.BackReference ParseNamedReference(int start)
    {
        var close = _pattern.IndexOf('>', start);
        if (start + 2 >= _pattern.Length || _pattern[start + 2] != '<' || close < 0 || !_names.TryGetValue(_pattern[(start + 3)..close], out var number))
            throw Unsupported(start);
        _position = close + 1;
        return new PatternNode.BackReference(number);
    }

    private PatternSyntaxException Unsupported(int at) =>
        new($"'{_pattern.AsSpan(at, Math.Min(8, _pattern.Length - at))}' at {at} is not supported");

    [Flags]
    private enum Options
    {
        None = 0,
        IgnoreCase = 1,
        DotAll = 2,
        Extended = 4,
    }
}
