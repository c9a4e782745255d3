namespace Attune.Tokenizers;

/// <summary>A tokenized text or pair: one entry a token in every list.</summary>
public sealed class Encoding
{
    internal Encoding(EncodingColumns columns, IReadOnlyList<Encoding> overflowing)
    {
        Columns = columns;
        Overflowing = overflowing;
    }

    /// <summary>The number of tokens.</summary>
    public int Length => Columns.Ids.Length;

    /// <summary>The token ids.</summary>
    public IReadOnlyList<int> Ids => Columns.Ids;

    /// <summary>The segment of each token (0 for the first text, usually 1 for the second).</summary>
    public IReadOnlyList<int> TypeIds => Columns.TypeIds;

    /// <summary>The tokens as the vocabulary spells them, unknown text as it stands.</summary>
    public IReadOnlyList<string> Tokens => Columns.Tokens;

    /// <summary>Where each token stands in its text, in code points; (0, 0) for special tokens.</summary>
    public IReadOnlyList<TextSpan> Offsets => Columns.Offsets;

    /// <summary>The word each token belongs to, null for special tokens; words count anew in each text.</summary>
    public IReadOnlyList<int?> WordIds => Columns.WordIds;

    /// <summary>The text each token belongs to (0 or 1), null for special tokens.</summary>
    public IReadOnlyList<int?> SequenceIds => Columns.SequenceIds;

    /// <summary>True for the tokens that were added around the text.</summary>
    public IReadOnlyList<bool> SpecialMask => Columns.SpecialMask;

    /// <summary>False for padding.</summary>
    public IReadOnlyList<bool> AttentionMask => Columns.AttentionMask;

    /// <summary>What truncation cut off, as further windows in order.</summary>
    public IReadOnlyList<Encoding> Overflowing { get; }

    internal EncodingColumns Columns { get; }
}
