namespace Attune.Tokenizers.Models;

/// <summary>The best way found so far to end a token at some place.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Start">Where it starts; -1 where none ends here yet.</param>
/// <param name="Score">The score of the whole way.</param>
internal record struct BestPath(int Id, int Start, double Score);

/// <summary>Memory for the search for the best path, used again from piece to piece.</summary>
internal sealed class UnigramScratch
{
    private BestPath[] _paths = new BestPath[128];

    /// <summary>The tokens found on the way back.</summary>
    public List<(int Id, int Start, int End)> Tokens { get; } = [];

    /// <summary>Gives room for the places of a piece, all without a path.</summary>
    public Span<BestPath> Reset(int count)
    {
        if (_paths.Length < count) Array.Resize(ref _paths, Math.Max(count, 2 * _paths.Length));
        var paths = _paths.AsSpan(0, count);
        paths.Fill(new BestPath(0, -1, 0));
        Tokens.Clear();
        return paths;
    }
}
