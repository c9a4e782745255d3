using System.Text;

namespace Attune.Tokenizers.Text;

/// <summary>
/// A text on its way through the pipeline: its present characters, and for each the code points of the original text it came from.
/// </summary>
/// <remarks>
/// Characters are UTF-16 units; both halves of a surrogate pair carry the same span. Spans are kept only where
/// <see cref="TracksOffsets"/>; everything else is the same without them, which is what makes the fast path the full path minus
/// bookkeeping. Buffers grow and are reused; not thread-safe.
/// </remarks>
internal sealed class NormalizedText
{
    private char[] _chars = new char[256];
    private TextSpan[] _spans = [];
    private NormalizedText? _edited;

    /// <summary>Makes an empty text.</summary>
    /// <param name="tracksOffsets">Whether the origin of each character is kept.</param>
    public NormalizedText(bool tracksOffsets) => TracksOffsets = tracksOffsets;

    /// <summary>Whether the origin of each character is kept.</summary>
    public bool TracksOffsets { get; }

    /// <summary>The number of UTF-16 units.</summary>
    public int Length { get; private set; }

    /// <summary>The first code point of the original text that this text covers, whether or not its characters are still here.</summary>
    public int Origin { get; set; }

    /// <summary>The present characters.</summary>
    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>The origin of each unit; empty unless <see cref="TracksOffsets"/>.</summary>
    public ReadOnlySpan<TextSpan> Spans => TracksOffsets ? _spans.AsSpan(0, Length) : default;

    /// <summary>Forgets the text.</summary>
    public void Clear() => (Length, Origin) = (0, 0);

    /// <summary>
    /// Replaces everything by an original text, each of whose code points is its own origin. Halves of surrogate pairs that stand
    /// alone become U+FFFD, so that no later stage meets them.
    /// </summary>
    public void Load(ReadOnlySpan<char> text)
    {
        Clear();
        Reserve(text.Length);
        Length = text.Length;
        text.CopyTo(_chars);
        if (!TracksOffsets && !text.ContainsAnyInRange('\uD800', '\uDFFF')) return;
        var codePoint = 0;
        for (var i = 0; i < text.Length; i++, codePoint++)
        {
            var span = new TextSpan(codePoint, codePoint + 1);
            if (TracksOffsets) _spans[i] = span;
            if (!char.IsSurrogate(text[i])) continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                if (TracksOffsets) _spans[i] = span;
            }
            else
            {
                _chars[i] = '\uFFFD';
            }
        }
    }

    /// <summary>Begins to rewrite the whole text; <see cref="CommitEdit"/> puts the result in place.</summary>
    public TextEditor Edit()
    {
        _edited ??= new NormalizedText(TracksOffsets);
        _edited.Clear();
        return new TextEditor(this, _edited, 0, Length, Origin);
    }

    /// <summary>Puts what <see cref="Edit"/> wrote in place.</summary>
    public void CommitEdit() => Swap(_edited!);

    /// <summary>Adds a stretch of another text with its origins.</summary>
    public void Append(NormalizedText source, int start, int length)
    {
        Reserve(length);
        source._chars.AsSpan(start, length).CopyTo(_chars.AsSpan(Length));
        if (TracksOffsets) source._spans.AsSpan(start, length).CopyTo(_spans.AsSpan(Length));
        Length += length;
    }

    /// <summary>Adds characters that all come from one place.</summary>
    public void Append(ReadOnlySpan<char> chars, TextSpan origin)
    {
        Reserve(chars.Length);
        chars.CopyTo(_chars.AsSpan(Length));
        if (TracksOffsets) _spans.AsSpan(Length, chars.Length).Fill(origin);
        Length += chars.Length;
    }

    /// <summary>Adds one unit.</summary>
    public void Append(char unit, TextSpan origin)
    {
        if (Length == _chars.Length || (TracksOffsets && Length == _spans.Length)) Reserve(1);
        if (TracksOffsets) _spans[Length] = origin;
        _chars[Length++] = unit;
    }

    /// <summary>Adds one code point.</summary>
    public void Append(Rune rune, TextSpan origin)
    {
        if (rune.IsBmp)
        {
            Append((char)rune.Value, origin);
            return;
        }

        Span<char> units = stackalloc char[2];
        rune.EncodeToUtf16(units);
        Append(units, origin);
    }

    /// <summary>Drops everything from a unit on.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>The original code points that a stretch of this text covers.</summary>
    /// <param name="start">Its first unit.</param>
    /// <param name="length">How many units, at least 1.</param>
    public TextSpan Cover(int start, int length) =>
        TracksOffsets ? new TextSpan(_spans[start].Start, _spans[start + length - 1].End) : default;

    /// <summary>Exchanges the contents, but not the origin, with another text.</summary>
    public void Swap(NormalizedText other)
    {
        (_chars, other._chars) = (other._chars, _chars);
        (_spans, other._spans) = (other._spans, _spans);
        (Length, other.Length) = (other.Length, Length);
    }

    private void Reserve(int more)
    {
        var needed = Length + more;
        if (needed > _chars.Length) Array.Resize(ref _chars, Math.Max(needed, _chars.Length * 2));
        if (TracksOffsets && needed > _spans.Length) Array.Resize(ref _spans, Math.Max(_chars.Length, needed));
    }
}
