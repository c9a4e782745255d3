namespace Attune.Tokenizers.Text;

/// <summary>Visits the pieces of a text and gives each new characters, and perhaps new bounds.</summary>
internal ref struct PieceRewriter
{
    private readonly PreTokenizedText _text;
    private readonly List<Piece> _source;
    private readonly List<Piece> _target;
    private readonly NormalizedText _chars;
    private Piece _current;
    private int _next;
    private int _start;

    internal PieceRewriter(PreTokenizedText text, List<Piece> source, List<Piece> target, NormalizedText chars) =>
        (_text, _source, _target, _chars) = (text, source, target, chars);

    /// <summary>Where the current piece begins in the original text.</summary>
    public readonly int OriginalStart => _current.Original.Start;

    /// <summary>The characters written for the current piece so far.</summary>
    public readonly ReadOnlySpan<char> Written => _chars.Chars[_start..];

    /// <summary>Goes to the next piece that is no token; after the last, puts the result in place and gives false.</summary>
    /// <param name="chars">The piece's characters.</param>
    /// <param name="editor">Writes what becomes of them.</param>
    public bool MoveNext(out ReadOnlySpan<char> chars, out TextEditor editor)
    {
        while (_next < _source.Count)
        {
            _current = _source[_next++];
            _start = _chars.Length;
            if (_current.IsToken)
            {
                _chars.Append(_text.Text, _current.Start, _current.Length);
                _target.Add(_current with { Start = _start });
                continue;
            }

            chars = _text.Text.Chars.Slice(_current.Start, _current.Length);
            editor = new TextEditor(_text.Text, _chars, _current.Start, _current.Length, _current.Original.Start);
            return true;
        }

        _text.Commit(rewritten: true);
        chars = default;
        editor = default;
        return false;
    }

    /// <summary>Keeps all that was written for the current piece as one piece.</summary>
    public readonly void KeepAll()
    {
        if (_chars.Length > _start) _target.Add(_current with { Start = _start, Length = _chars.Length - _start });
    }

    /// <summary>Keeps a part of what was written for the current piece as a piece; empty parts are dropped.</summary>
    /// <param name="start">Its first unit within <see cref="Written"/>.</param>
    /// <param name="end">The unit after its last.</param>
    public readonly void Keep(int start, int end)
    {
        if (start >= end) return;
        _target.Add(new Piece(_start + start, end - start, _chars.Cover(_start + start, end - start)));
    }
}
