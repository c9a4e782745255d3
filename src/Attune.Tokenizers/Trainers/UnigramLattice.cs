using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Trainers;

/// <summary>All ways to put a word together from tokens, as a graph of nodes from each place to later ones.</summary>
internal sealed class UnigramLattice
{
    private readonly List<Node> _nodes = [];
    private readonly List<List<int>> _ending = [];
    private readonly List<List<int>> _beginning = [];
    private double[] _forward = [];
    private double[] _backward = [];
    private int _length;

    /// <summary>A token at a place of the word. The first node stands for the beginning, the second for the end.</summary>
    private record struct Node(int Id, int Start, int Length, double Score)
    {
        public int Previous = -1;
        public double Best;
    }

    /// <summary>Builds the graph of a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="trie">Tokens to ids.</param>
    /// <param name="scores">Scores by id.</param>
    /// <param name="unknownScore">The score of a character that is no token; its id is 0.</param>
    public void Build(ReadOnlySpan<char> word, TokenTrie trie, IReadOnlyList<double> scores, double unknownScore)
    {
        Reset(word.Length);
        for (var start = 0; start < word.Length;)
        {
            var single = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            var hasSingle = false;
            var node = 0;
            for (var end = start; end < word.Length;)
            {
                node = trie.Next(node, word[end++]);
                if (node == 0) break;
                if (trie.ValueOf(node) is not (>= 0 and var id)) continue;
                Insert(id, start, end - start, scores[id]);
                hasSingle |= end - start == single;
            }

            if (!hasSingle) Insert(0, start, single, unknownScore);
            start += single;
        }
    }

    /// <summary>The tokens of the best way.</summary>
    public void BestPath(List<int> ids)
    {
        Viterbi();
        ids.Clear();
        for (var node = _nodes[1].Previous; node > 0; node = _nodes[node].Previous) ids.Add(_nodes[node].Id);
        ids.Reverse();
    }

    /// <summary>The tokens of the second-best way, or null if there is none.</summary>
    public List<int>? SecondBestPath()
    {
        Viterbi();
        // Searched backwards from the end; the best score up to a node tells exactly how good a path through it can get.
        var agenda = new PriorityQueue<(int Node, Step? Next, double Score), (double Negative, int Order)>();
        agenda.Enqueue((1, null, 0), (0, 0));
        var found = 0;
        for (var order = 1; agenda.TryDequeue(out var top, out _);)
        {
            var (node, next, score) = top;
            if (node == 0)
            {
                if (++found == 2) return Ids(next);
                continue;
            }

            var step = node == 1 ? null : new Step(_nodes[node].Id, next);
            foreach (var left in _ending[_nodes[node].Start]) agenda.Enqueue((left, step, score + _nodes[left].Score), (-(_nodes[left].Best + score), order++));
        }

        return null;

        static List<int> Ids(Step? step)
        {
            var ids = new List<int>();
            for (; step is not null; step = step.Next) ids.Add(step.Id);
            return ids;
        }
    }

    /// <summary>Adds to each token's expected count how often it occurs over all ways, weighed by their probability.</summary>
    /// <param name="frequency">How often the word occurs.</param>
    /// <param name="expected">Expected counts by id.</param>
    public void AddExpected(double frequency, double[] expected)
    {
        if (_forward.Length < _nodes.Count) (_forward, _backward) = (new double[_nodes.Count * 2], new double[_nodes.Count * 2]);
        _forward.AsSpan(0, _nodes.Count).Clear();
        _backward.AsSpan(0, _nodes.Count).Clear();
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var first = true;
                foreach (var left in _ending[place])
                {
                    _forward[right] = LogSumExp(_forward[right], _nodes[left].Score + _forward[left], first);
                    first = false;
                }
            }
        }

        for (var place = _length; place >= 0; place--)
        {
            foreach (var left in _ending[place])
            {
                var first = true;
                foreach (var right in _beginning[place])
                {
                    _backward[left] = LogSumExp(_backward[left], _nodes[right].Score + _backward[right], first);
                    first = false;
                }
            }
        }

        var total = _forward[1];
        for (var i = 2; i < _nodes.Count; i++) expected[_nodes[i].Id] += frequency * Math.Exp(_forward[i] + _nodes[i].Score + _backward[i] - total);
    }

    private static double LogSumExp(double x, double y, bool first)
    {
        if (first) return y;
        var (low, high) = x > y ? (y, x) : (x, y);
        // Beyond this the smaller one does not change the larger.
        return high > low + 50 ? high : high + Math.Log(Math.Exp(low - high) + 1);
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

        _nodes.Add(new Node(-1, 0, 0, 0));
        _nodes.Add(new Node(-1, length, 0, 0));
        _ending[0].Add(0);
        _beginning[length].Add(1);
    }

    private void Insert(int id, int start, int length, double score)
    {
        _beginning[start].Add(_nodes.Count);
        _ending[start + length].Add(_nodes.Count);
        _nodes.Add(new Node(id, start, length, score));
    }

    private void Viterbi()
    {
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var (best, previous) = (0.0, -1);
                foreach (var left in _ending[place])
                {
                    var score = _nodes[left].Best + _nodes[right].Score;
                    if (previous < 0 || score > best) (best, previous) = (score, left);
                }

                _nodes[right] = _nodes[right] with { Previous = previous, Best = best };
            }
        }
    }

    private sealed record Step(int Id, Step? Next);
}
