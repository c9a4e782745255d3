using System.Numerics;

namespace Attune.Tokenizers.Trainers;

/// <summary>
/// All ways to put a text together from pieces, as a graph of nodes from each place to later ones: the best way, and how often each piece is
/// expected. What the nodes are, and which further ways count, is up to the kind of trainer.
/// </summary>
/// <typeparam name="TScore">The precision in which scores are added, which decides ties as the reference does.</typeparam>
internal abstract class PieceGraph<TScore>
    where TScore : struct, IFloatingPointIeee754<TScore>
{
    /// <summary>The node that stands for the beginning of the text.</summary>
    protected const int Begin = 0;

    /// <summary>The node that stands for the end of the text.</summary>
    protected const int End = 1;

    // Beyond this the smaller of two logarithms does not change the sum.
    private static readonly TScore NegligibleDifference = TScore.CreateChecked(50);

    private readonly List<Node> _nodes = [];
    private readonly List<List<int>> _ending = [];
    private readonly List<List<int>> _beginning = [];
    private TScore[] _best = [];
    private int[] _previous = [];
    private TScore[] _forward = [];
    private TScore[] _backward = [];
    private int _length;

    /// <summary>The pieces of the best way.</summary>
    /// <param name="ids">Where their ids go; cleared first.</param>
    public void BestPath(List<int> ids)
    {
        FindBest();
        ids.Clear();
        for (var node = _previous[End]; node > End; node = _previous[node]) ids.Add(_nodes[node].Id);
        ids.Reverse();
    }

    /// <summary>Adds to each piece's expected count how often it occurs over all ways, weighed by their probability.</summary>
    /// <param name="frequency">How often the text occurs.</param>
    /// <param name="expected">Expected counts by id.</param>
    public void AddExpected(TScore frequency, TScore[] expected)
    {
        Reserve();
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var (sum, first) = (TScore.Zero, true);
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
                var (sum, first) = (TScore.Zero, true);
                foreach (var right in _beginning[place])
                {
                    sum = LogSumExp(sum, _nodes[right].Score + _backward[right], first);
                    first = false;
                }

                _backward[left] = sum;
            }
        }

        var total = _forward[End];
        for (var node = End + 1; node < _nodes.Count; node++)
        {
            var (id, _, score) = _nodes[node];
            var logarithm = _forward[node] + score + _backward[node] - total;
            var count = Wide(frequency) * Math.Exp(Wide(logarithm));
            expected[id] = TScore.CreateChecked(Wide(expected[id]) + count);
        }
    }

    /// <summary>Empties the graph for a text of <paramref name="length"/> places.</summary>
    protected void Reset(int length)
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

        _nodes.Add(new Node(-1, 0, TScore.Zero));
        _nodes.Add(new Node(-1, length, TScore.Zero));
        _ending[0].Add(Begin);
        _beginning[length].Add(End);
    }

    /// <summary>Adds a piece from one place to another; to be called by ascending beginnings.</summary>
    protected void Insert(int id, int start, int end, TScore score)
    {
        _beginning[start].Add(_nodes.Count);
        _ending[end].Add(_nodes.Count);
        _nodes.Add(new Node(id, start, score));
    }

    /// <summary>Finds the best way to every node.</summary>
    protected void FindBest()
    {
        Reserve();
        for (var place = 0; place <= _length; place++)
        {
            foreach (var right in _beginning[place])
            {
                var (best, previous) = (TScore.Zero, -1);
                foreach (var left in _ending[place])
                {
                    var score = _best[left] + _nodes[right].Score;
                    if (previous < 0 || score > best) (best, previous) = (score, left);
                }

                (_best[right], _previous[right]) = (best, previous);
            }
        }
    }

    /// <summary>The piece of a node.</summary>
    protected int IdOf(int node) => _nodes[node].Id;

    /// <summary>The score of a node's piece.</summary>
    protected TScore ScoreOf(int node) => _nodes[node].Score;

    /// <summary>The score of the best way to a node, the node included; after <see cref="FindBest"/>.</summary>
    protected TScore BestTo(int node) => _best[node];

    /// <summary>The nodes that end where a node begins.</summary>
    protected List<int> Before(int node) => _ending[_nodes[node].Start];

    private static TScore LogSumExp(TScore x, TScore y, bool first)
    {
        if (first) return y;
        var (low, high) = x > y ? (y, x) : (x, y);
        return high > low + NegligibleDifference ? high : TScore.CreateChecked(Wide(high) + Math.Log(Math.Exp(Wide(low - high)) + 1.0));
    }

    private static double Wide(TScore score) => double.CreateChecked(score);

    // The sums up to the beginning and from the end are 0 and never written, hence nothing is cleared from text to text.
    private void Reserve()
    {
        if (_best.Length >= _nodes.Count) return;
        var size = _nodes.Count * 2;
        (_best, _previous, _forward, _backward) = (new TScore[size], new int[size], new TScore[size], new TScore[size]);
    }

    private readonly record struct Node(int Id, int Start, TScore Score);
}
