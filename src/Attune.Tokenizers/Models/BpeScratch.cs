namespace Attune.Tokenizers.Models;

/// <summary>A symbol on its way to a token: a link in a chain over the piece.</summary>
internal struct BpeSymbol
{
    /// <summary>The symbol's id; -1 once it has been merged into the one before it.</summary>
    public int Id;

    /// <summary>The first unit of the piece that it covers.</summary>
    public int Start;

    /// <summary>The unit after the last it covers.</summary>
    public int End;

    /// <summary>The symbol before it, or -1.</summary>
    public int Previous;

    /// <summary>The symbol after it, or -1.</summary>
    public int Next;
}

/// <summary>Memory for merging, used again from piece to piece.</summary>
internal sealed class BpeScratch
{
    private BpeSymbol[] _symbols = new BpeSymbol[64];

    /// <summary>How many symbols there are.</summary>
    public int Count { get; private set; }

    /// <summary>The symbols.</summary>
    public Span<BpeSymbol> Symbols => _symbols.AsSpan(0, Count);

    /// <summary>Merges that may be due: by rank, then by place.</summary>
    public PriorityQueue<(int Left, int Right, int Id, int LeftId, int RightId), (int Rank, int Place)> Queue { get; } = new();

    /// <summary>Forgets all symbols.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a symbol behind the last.</summary>
    public void Add(int id, int start, int end)
    {
        if (Count == _symbols.Length) Array.Resize(ref _symbols, 2 * Count);
        if (Count > 0) _symbols[Count - 1].Next = Count;
        _symbols[Count] = new BpeSymbol { Id = id, Start = start, End = end, Previous = Count - 1, Next = -1 };
        Count++;
    }
}
