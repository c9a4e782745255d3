namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>All ways to put a text together from pieces, with scores in single precision as SentencePiece keeps them.</summary>
internal sealed class PieceLattice : PieceGraph<float>
{
    private const float UnknownPenalty = 10;
    private const int MaxAgenda = 10_000;
    private const int KeptAgenda = 20;

    private readonly StandardHeap<Hypothesis> _agenda = new((a, b) => a.Estimate < b.Estimate);

    /// <summary>Builds the graph of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pieces">The pieces that count.</param>
    public void Build(ReadOnlySpan<int> text, ScoredPieces pieces)
    {
        Reset(text.Length);
        for (var start = 0; start < text.Length; start++)
        {
            var hasSingle = false;
            var node = PieceTrie.Root;
            for (var end = start; end < text.Length;)
            {
                node = pieces.Trie.Next(node, text[end++]);
                if (node == PieceTrie.Root) break;
                if (pieces.Trie.IdAt(node) is not (>= 0 and var id)) continue;
                Insert(id, start, end, pieces.Scores[id]);
                hasSingle |= end - start == 1;
            }

            // SentencePiece counts unknown characters as the first piece while it trains.
            if (!hasSingle) Insert(0, start, start + 1, pieces.LowestScore - UnknownPenalty);
        }
    }

    /// <summary>The pieces of the two best ways, or of the only one.</summary>
    public List<List<int>> TwoBestPaths()
    {
        FindBest();
        var paths = new List<List<int>>();
        // Searched backwards from the end; the best score up to a node tells exactly how good a path through it can get.
        _agenda.Clear();
        _agenda.Push(new Hypothesis(End, null, BestTo(End), 0));
        while (_agenda.TryPop(out var top))
        {
            if (top.Node == Begin)
            {
                var ids = new List<int>();
                for (var step = top.Next!; step.Next is not null; step = step.Next) ids.Add(IdOf(step.Node));
                paths.Add(ids);
                if (paths.Count == 2) break;
                continue;
            }

            foreach (var left in Before(top.Node))
                _agenda.Push(new Hypothesis(left, top, BestTo(left) + top.Score, ScoreOf(left) + top.Score));
            if (_agenda.Count >= MaxAgenda) Shrink();
        }

        return paths;
    }

    private void Shrink()
    {
        var kept = new List<Hypothesis>();
        while (kept.Count < KeptAgenda && _agenda.TryPop(out var top)) kept.Add(top);
        _agenda.Clear();
        foreach (var hypothesis in kept) _agenda.Push(hypothesis);
    }

    private sealed record Hypothesis(int Node, Hypothesis? Next, float Estimate, float Score);
}
