using System.Text;

namespace Attune.Tokenizers.Text;

/// <summary>
/// Rewrites a stretch of one text into another from left to right, keeping for every new character the origin of the one it stands for.
/// </summary>
/// <remarks>
/// The rules are those of the published tokenizers, also where the old and the new text drift apart: a replacing character takes
/// the origin of the next old one and consumes it; an inserted one takes the origin of the last consumed.
/// </remarks>
internal ref struct TextEditor
{
    private readonly NormalizedText _source;
    private readonly NormalizedText _target;
    private readonly int _start;
    private readonly int _end;
    private readonly TextSpan _before;
    private int _next;

    /// <summary>Starts at the beginning of a stretch.</summary>
    /// <param name="source">The old text.</param>
    /// <param name="target">Gets the new text appended; another object than <paramref name="source"/>.</param>
    /// <param name="start">The first unit of the stretch.</param>
    /// <param name="length">Its length in units.</param>
    /// <param name="origin">The original code point where the stretch begins.</param>
    public TextEditor(NormalizedText source, NormalizedText target, int start, int length, int origin)
    {
        (_source, _target, _start, _end) = (source, target, start, start + length);
        _before = new TextSpan(origin, origin);
        _next = start;
    }

    /// <summary>Keeps old units as they are.</summary>
    public void Keep(int units)
    {
        units = Math.Min(units, _end - _next);
        _target.Append(_source, _next, units);
        _next += units;
    }

    /// <summary>Puts a character in the place of the next old one.</summary>
    public void Replace(Rune rune)
    {
        _target.Append(rune, OriginOfNext());
        Remove(1);
    }

    /// <summary>Puts a character in the place of the next old one.</summary>
    public void Replace(char unit)
    {
        _target.Append(unit, OriginOfNext());
        Remove(1);
    }

    /// <summary>Adds a character that shares the origin of the last one consumed.</summary>
    public void Insert(Rune rune) => _target.Append(rune, OriginOfLast());

    /// <summary>Adds a character that shares the origin of the last one consumed.</summary>
    public void Insert(char unit) => _target.Append(unit, OriginOfLast());

    /// <summary>Adds characters that share the origin of the last one consumed.</summary>
    public void Insert(ReadOnlySpan<char> chars) => _target.Append(chars, OriginOfLast());

    /// <summary>Adds characters that share the origin of the next old one, without consuming it.</summary>
    public readonly void Prepend(ReadOnlySpan<char> chars) => _target.Append(chars, OriginOfNext());

    /// <summary>Consumes old characters without a trace.</summary>
    /// <param name="codePoints">How many.</param>
    public void Remove(int codePoints)
    {
        var chars = _source.Chars;
        for (; codePoints > 0 && _next < _end; codePoints--) _next += IsPair(chars, _next) ? 2 : 1;
    }

    /// <summary>Consumes old units without a trace.</summary>
    public void RemoveUnits(int units) => _next = Math.Min(_next + units, _end);

    /// <summary>
    /// Adds a character with the published library's code for what became of the old ones: 0 replaces the next, a positive number
    /// inserts, -n replaces the next and removes n more.
    /// </summary>
    public void Apply(Rune rune, int change)
    {
        if (change > 0)
        {
            Insert(rune);
            return;
        }

        Replace(rune);
        Remove(-change);
    }

    private readonly bool IsPair(ReadOnlySpan<char> chars, int at) =>
        char.IsHighSurrogate(chars[at]) && at + 1 < _end && char.IsLowSurrogate(chars[at + 1]);

    private readonly TextSpan OriginOfNext() =>
        !_source.TracksOffsets ? default : _next < _end ? _source.Spans[_next] : OriginOfLast();

    private readonly TextSpan OriginOfLast() => !_source.TracksOffsets ? default : _next == _start ? _before : _source.Spans[_next - 1];
}
