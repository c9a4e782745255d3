namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>All ways to put a text together from pieces, with scores in single precision as SentencePiece keeps them.</summary>
internal sealed class PieceLattice
{
    private const int Begin = 0;
    private const int End = 1;
    private const float UnknownPenalty = 10;
    private const float NegligibleDifference = 50;
    private const int MaxAgenda = 10_000;
    private const int KeptAgenda = 20;

    private readonly List<Node> _nodes = [];
    private readonly List<List<int>> _ending = [];
    private readonly List<List<int>> _beginning = [];
    private readonly StandardHeap<Hypothesis> _agenda = new((a, b) => a.Estimate < b.Estimate);
    private readonly List<int> _path = [];
    private float[] _best = [];
    private int[] _previous = [];
    private float[] _forward = [];
    private float[] _backward = [];
    private int _length;

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

        if (_best.Length >= _nodes.Count) return;
        var size = _nodes.Count * 2;
        (_best, _previous, _forward, _backward) = (new float[size], new int[size], new float[size], new float[size]);
    }

    /// <summary>The pieces of the best way.</summary>
    public IEnumerable<int> BestPath()
    {
        Viterbi();
        _path.Clear();
        for (var node = _previous[End]; node > End; node = _previous[node]) _path.Add(_nodes[node].Id);
        return Enumerable.Reverse(_path);
    }

    /// <summary>The pieces of the two best ways, or of the only one.</summary>
    public List<List<int>> TwoBestPaths()
    {
        Viterbi();
        var paths = new List<List<int>>();
        // Searched backwards from the end; the best score up to a node tells exactly how good a path through it can get.
        _agenda.Clear();
        _agenda.Push(new Hypothesis(End, null, _best[End], 0));
        while (_agenda.TryPop(out var top))
        {
            if (top.Node == Begin)
            {
                var ids = new List<int>();
                for (var step = top.Next!; step.Next is not null; step = step.Next) ids.Add(_nodes[step.Node].Id);
                paths.Add(ids);
                if (paths.Count == 2) break;
                continue;
            }

            foreach (var left in _ending[_nodes[top.Node].Start])
                _agenda.Push(new Hypothesis(left, top, _best[left] + top.Score, _nodes[left].Score + top.Score));
            if (_agenda.Count >= MaxAgenda) Shrink();
        }

        return paths;
    }

    /// <summary>Adds to each piece's expected count how often it occurs over all ways, weighed by their probability.</summary>
    /// <param name="frequency">How often the text occurs.</param>
    /// <param name="expected">Expected counts by id.</param>
    public void AddExpected(float frequency, float[] expected)
    {
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var (sum, first) = (0f, true);
                foreach (var left in _ending[place])
                {
                    sum = LogSumExp(sum, _nodes[left].Score + _forward[left], first);
                    first = false;
                }

                _forward[right] = sum;
            }
        }

        for (var place = _length; place >= 0; place--)
        {
            foreach (var left in _ending[place])
            {
                var (sum, first) = (0f, true);
                foreach (var right in _beginning[place])
                {
                    sum = LogSumExp(sum, _nodes[right].Score + _backward[right], first);
                    first = false;
                }

                _backward[left] = sum;
            }
        }

        var total = _forward[End];
        for (var place = 0; place < _length; place++)
        {
            foreach (var node in _beginning[place])
            {
                var (id, _, score) = _nodes[node];
                var logarithm = _forward[node] + score + _backward[node] - total;
                expected[id] = (float)(expected[id] + (frequency * Math.Exp(logarithm)));
            }
        }
    }

    private static float LogSumExp(float x, float y, bool first)
    {
        if (first) return y;
        var (low, high) = x > y ? (y, x) : (x, y);
        return high > low + NegligibleDifference ? high : (float)(high + Math.Log(Math.Exp(low - high) + 1.0));
    }

    private void Reset(int length)
    {
        _length = length;
        _nodes.Clear();
        while (_ending.Count <= length)
        {
            _ending.Add([]);
            _beginning.Add([]);
        }

        for (var i = 0; i <= length; i++)
        {
            _ending[i].Clear();
            _beginning[i].Clear();
        }

        _nodes.Add(new Node(-1, 0, 0));
        _nodes.Add(new Node(-1, length, 0));
        _ending[0].Add(Begin);
        _beginning[length].Add(End);
    }

    private void Insert(int id, int start, int end, float score)
    {
        _beginning[start].Add(_nodes.Count);
        _ending[end].Add(_nodes.Count);
        _nodes.Add(new Node(id, start, score));
    }

    private void Viterbi()
    {
        _best[Begin] = 0;
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var (best, previous) = (0f, -1);
                foreach (var left in _ending[place])
                {
                    var score = _best[left] + _nodes[right].Score;
                    if (previous < 0 || score > best) (best, previous) = (score, left);
                }

                (_best[right], _previous[right]) = (best, previous);
            }
        }
    }

    private void Shrink()
    {
        var kept = new List<Hypothesis>();
        while (kept.Count < KeptAgenda && _agenda.TryPop(out var top)) kept.Add(top);
        _agenda.Clear();
        foreach (var hypothesis in kept) _agenda.Push(hypothesis);
    }

    private readonly record struct Node(int Id, int Start, float Score);

    private sealed record Hypothesis(int Node, Hypothesis? Next, float Estimate, float Score);
}
