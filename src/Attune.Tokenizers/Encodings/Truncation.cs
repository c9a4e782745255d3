namespace Attune.Tokenizers;

/// <summary>Which end of a sequence is meant.</summary>
public enum SequenceSide
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The beginning.</summary>
    Left,
}

/// <summary>Which sequence of a pair gives way.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one; where both are too long, each gets half.</summary>
    LongestFirst,

    /// <summary>Only the first.</summary>
    OnlyFirst,

    /// <summary>Only the second.</summary>
    OnlySecond,
}

/// <summary>How encodings are cut to a length. What is cut off is kept in <see cref="Encoding.Overflowing"/>.</summary>
public sealed record Truncation
{
    /// <summary>The greatest number of tokens left, special tokens included.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Which sequence of a pair gives way.</summary>
    public TruncationStrategy Strategy { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>How many tokens each further window repeats of the one before it; below what is left of <see cref="MaxLength"/>.</summary>
    public int Stride { get; init; }

    /// <summary>The side on which tokens are cut off.</summary>
    public SequenceSide Side { get; init; }
}
