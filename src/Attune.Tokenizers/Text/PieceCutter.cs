namespace Attune.Tokenizers.Text;

/// <summary>Visits the pieces of a text and keeps the parts of each that are asked for.</summary>
internal ref struct PieceCutter
{
    private readonly PreTokenizedText _text;
    private readonly List<Piece> _source;
    private readonly List<Piece> _target;
    private Piece _current;
    private int _next;

    internal PieceCutter(PreTokenizedText text, List<Piece> source, List<Piece> target) => (_text, _source, _target) = (text, source, target);

    /// <summary>Goes to the next piece that is no token; after the last, puts the result in place and gives false.</summary>
    public bool MoveNext(out ReadOnlySpan<char> chars)
    {
        while (_next < _source.Count)
        {
            _current = _source[_next++];
            if (_current.IsToken)
            {
                _target.Add(_current);
                continue;
            }

            chars = _text.Text.Chars.Slice(_current.Start, _current.Length);
            return true;
        }

        _text.Commit(rewritten: false);
        chars = default;
        return false;
    }

    /// <summary>Keeps a part of the current piece as a piece of its own; empty parts are dropped.</summary>
    /// <param name="start">Its first unit within the current piece.</param>
    /// <param name="end">The unit after its last.</param>
    public readonly void Keep(int start, int end)
    {
        if (start >= end) return;
        _target.Add(new Piece(_current.Start + start, end - start, _text.Text.Cover(_current.Start + start, end - start)));
    }

    /// <summary>Keeps the current piece as it is.</summary>
    public readonly void KeepAll()
    {
        if (_current.Length > 0) _target.Add(_current);
    }
}
