namespace Attune.Tokenizers.Models;

/// <summary>Collects the tokens of a piece, and a model's scratch memory.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class TokenOutput
{
    /// <summary>The token ids.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>For each token its first UTF-16 unit in the piece.</summary>
    public List<int> Starts { get; } = [];

    /// <summary>For each token the unit after its last.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>For each token its spelling where that is not the vocabulary's, or null.</summary>
    public List<string?> Spellings { get; } = [];

    /// <summary>Whether spellings are wanted.</summary>
    public bool WantsSpellings { get; init; }

    /// <summary>Memory that a model may use during a call; each model sees only what it wrote in this call.</summary>
    public BpeScratch Bpe { get; } = new();

    /// <summary>Memory for the unigram model's best paths.</summary>
    public UnigramScratch Unigram { get; } = new();

    /// <summary>Adds a token.</summary>
    public void Add(int id, int start, int end, string? spelling = null)
    {
        Ids.Add(id);
        Starts.Add(start);
        Ends.Add(end);
        if (WantsSpellings) Spellings.Add(spelling);
    }

    /// <summary>Forgets the tokens from an index on.</summary>
    public void Truncate(int count)
    {
        Ids.RemoveRange(count, Ids.Count - count);
        Starts.RemoveRange(count, Starts.Count - count);
        Ends.RemoveRange(count, Ends.Count - count);
        if (WantsSpellings) Spellings.RemoveRange(count, Spellings.Count - count);
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => Truncate(0);
}
