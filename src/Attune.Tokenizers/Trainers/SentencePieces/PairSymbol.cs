namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>A character, or two symbols side by side that may become a piece.</summary>
internal sealed class PairSymbol(PairSymbol? left, PairSymbol? right, int[] text)
{
    /// <summary>The symbol on the left; null for a character.</summary>
    public PairSymbol? Left { get; } = left;

    /// <summary>The symbol on the right; null for a character.</summary>
    public PairSymbol? Right { get; } = right;

    /// <summary>The code points of both.</summary>
    public int[] Text { get; } = text;

    /// <summary>Where the pair stands; some places may no longer hold it.</summary>
    public List<PairPlace> Places { get; set; } = [];

    /// <summary>How often the pair occurs.</summary>
    public long Count { get; set; }

    /// <summary>Whether the count may be wrong.</summary>
    public bool IsStale { get; set; } = true;

    /// <summary>Whether it waits for being put in the queue.</summary>
    public bool IsPending { get; set; }

    /// <summary>Whether it has become a piece, or cannot become one any more.</summary>
    public bool IsDone { get; set; }
}

/// <summary>Where a pair stands: the word, and the places of both symbols in it.</summary>
internal readonly record struct PairPlace(int Word, int Left, int Right) : IComparable<PairPlace>
{
    public int CompareTo(PairPlace other)
    {
        if (Word != other.Word) return Word.CompareTo(other.Word);
        return Left != other.Left ? Left.CompareTo(other.Left) : Right.CompareTo(other.Right);
    }
}
