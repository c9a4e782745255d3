using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Text;

/// <summary>A text cut into pieces, all in one buffer; pre-tokenizers cut further or rewrite pieces.</summary>
/// <remarks>Buffers are reused from text to text; not thread-safe.</remarks>
internal sealed class PreTokenizedText
{
    private readonly NormalizedText _spareText;
    private List<Piece> _pieces = [];
    private List<Piece> _sparePieces = [];

    /// <summary>Makes an empty text.</summary>
    /// <param name="tracksOffsets">Whether the origin of each character is kept.</param>
    public PreTokenizedText(bool tracksOffsets)
    {
        Text = new NormalizedText(tracksOffsets);
        _spareText = new NormalizedText(tracksOffsets);
    }

    /// <summary>The characters of all pieces.</summary>
    public NormalizedText Text { get; }

    /// <summary>The pieces in order.</summary>
    public ReadOnlySpan<Piece> Pieces => CollectionsMarshal.AsSpan(_pieces);

    /// <summary>Room for matches, for pre-tokenizers that work with a list of them.</summary>
    public List<PatternMatch> Matches { get; } = [];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Text.Clear();
        _pieces.Clear();
    }

    /// <summary>Makes an original text the only piece.</summary>
    public void Load(ReadOnlySpan<char> text)
    {
        Clear();
        Text.Load(text);
        _pieces.Add(new Piece(0, Text.Length, Text.TracksOffsets ? new TextSpan(0, Text.Length == 0 ? 0 : Text.Spans[^1].End) : default));
    }

    /// <summary>Makes all of <see cref="Text"/> the only piece, after it was changed as a whole; none if nothing is left.</summary>
    public void TakeWhole()
    {
        _pieces.Clear();
        if (Text.Length > 0) _pieces.Add(new Piece(0, Text.Length, Text.Cover(0, Text.Length)));
    }

    /// <summary>Adds a piece that already stands at the end of <see cref="Text"/>.</summary>
    public void AddPiece(Piece piece) => _pieces.Add(piece);

    /// <summary>Begins to cut each piece that is no token into smaller ones of the same characters.</summary>
    public PieceCutter Cut()
    {
        _sparePieces.Clear();
        return new PieceCutter(this, _pieces, _sparePieces);
    }

    /// <summary>Begins to rewrite each piece that is no token.</summary>
    public PieceRewriter Rewrite()
    {
        _sparePieces.Clear();
        _spareText.Clear();
        return new PieceRewriter(this, _pieces, _sparePieces, _spareText);
    }

    /// <summary>Takes over what <see cref="Cut"/> or <see cref="Rewrite"/> made.</summary>
    internal void Commit(bool rewritten)
    {
        (_pieces, _sparePieces) = (_sparePieces, _pieces);
        if (rewritten) Text.Swap(_spareText);
    }
}
