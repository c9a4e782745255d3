namespace Attune.Tokenizers.Text;

/// <summary>A stretch of a <see cref="PreTokenizedText"/>: what the model sees at once, or an added token found in the text.</summary>
/// <param name="Start">Its first UTF-16 unit in the buffer.</param>
/// <param name="Length">Its length in units.</param>
/// <param name="Original">The code points of the original text that it was cut from.</param>
/// <param name="TokenId">The id of the added token that it is, or -1.</param>
internal readonly record struct Piece(int Start, int Length, TextSpan Original, int TokenId = -1)
{
    /// <summary>Whether the piece is an added token, which no later stage touches.</summary>
    public bool IsToken => TokenId >= 0;
}
