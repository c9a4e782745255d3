using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>
/// How the rows of sequences stand to the rows they read, for mixers that go by distances: the same for all blocks of a stack, so it is worked
/// out once. What is read are a sequence's rows of earlier segments, then its own.
/// </summary>
public sealed class RelativePairs
{
    private readonly Segments _content;
    private readonly Segments? _memory;
    private readonly ReadOnlyMemory<int>? _positions;
    private readonly int _nearest;
    private readonly int _farthest;

    /// <summary>Works out what belongs to the keys.</summary>
    /// <param name="batch">The rows; their positions count from 0 if it gives none.</param>
    /// <param name="memory">The rows of earlier segments; null if there are none.</param>
    /// <param name="range">Which distances there are.</param>
    public RelativePairs(TokenBatch batch, Segments? memory, DistanceRange range)
    {
        (_content, _memory, _positions) = (batch.Segments, memory, batch.Positions);
        _streams = [];
        int reach = 1;
        for (int row = 0; row < batch.Rows && _positions is not null; row++)
            reach = Math.Max(reach, _positions.Value.Span[row] + 1);
        reach = _positions is null ? _content.MaxLength : reach;
        _farthest = reach + (memory?.MaxLength ?? 0);
        _nearest = range switch
        {
            DistanceRange.Behind => 0,
            DistanceRange.BothSides => -reach,
            _ => -_farthest,
        };
        int[] lengths = new int[_content.Count];
        for (int s = 0; s < lengths.Length; s++)
            lengths[s] = MemoryLength(s) + _content.Length(s);
        Keys = Segments.FromLengths(lengths);
        if (memory is not null)
            KeyRows = Order(memory);
    }

    private RelativePairs(RelativePairs other)
    {
        (_content, _memory, _positions, _nearest, _farthest) = (other._content, other._memory, other._positions, other._nearest, other._farthest);
        (Keys, KeyRows, _streams) = (other.Keys, other.KeyRows, other._streams);
    }

    /// <summary>The sequences of what is read.</summary>
    public Segments Keys { get; }

    /// <summary>Where each row that is read stands among all rows of memory, followed by all others; null if there is no memory.</summary>
    public int[]? KeyRows { get; }

    /// <summary>A vector for each distance, from the farthest key behind to the farthest ahead: <c>[distances, width]</c>.</summary>
    public Tensor Positions { get; private init; } = Tensor.WithoutMemory([0, 0]);

    /// <summary>The rows that read: those that are seen, and in a second stream those that are to be predicted.</summary>
    public IReadOnlyList<RelativeStream> Streams => _streams;

    private readonly List<RelativeStream> _streams;

    /// <summary>Sines and cosines of all distances.</summary>
    /// <param name="width">The width of the vectors.</param>
    /// <param name="clamp">The distance beyond which all are alike; null if there is none.</param>
    public Tensor Sinusoids(int width, int? clamp) => SinusoidalPositions.Distances(_farthest, _nearest, width, clamp);

    /// <summary>The same with vectors for the distances, which a pass may have changed: what stays alike from pass to pass can be kept.</summary>
    public RelativePairs WithPositions(Tensor positions) => new(this) { Positions = positions };

    /// <summary>Whether all this would be the same for rows and memory of such lengths.</summary>
    public bool Fits(Segments content, Segments? memory) => _positions is null && Same(_content, content)
        && (_memory is null ? memory is null : memory is not null && Same(_memory, memory));

    /// <summary>Adds rows that read.</summary>
    /// <param name="rows">Their sequences.</param>
    /// <param name="contentRow">The row of the batch at whose place each of them stands; null if they are those rows.</param>
    /// <param name="sees">Whether a row of the batch's, at a sequence, sees a key of the sequence at a distance.</param>
    /// <param name="backwards">Whether a sequence is read from its end, so that distances change their sign.</param>
    /// <param name="types">The token type of each row of the batch; null if relations of types do not count.</param>
    public void Add(Segments rows, ReadOnlyMemory<int>? contentRow, Sees sees, Func<int, bool> backwards, ReadOnlyMemory<int>? types)
    {
        bool[]? uniform = null;
        int Number(int sequence, int distance) => Math.Clamp(_farthest - (backwards(sequence) ? -distance : distance), 0, _farthest - _nearest);
        int Row(int row) => contentRow is null ? row : contentRow.Value.Span[row];

        void Distances(int sequence, int query, Span<int> numbers)
        {
            int row = Row(rows.Start(sequence) + query), memory = MemoryLength(sequence);
            bool any = false;
            for (int key = 0; key < numbers.Length; key++)
            {
                int distance = Distance(sequence, row, key, memory);
                if (!sees(sequence, row, key - memory, distance))
                    continue;
                numbers[key] = Number(sequence, distance);
                any = true;
            }
            if (any)
                return;
            uniform ??= new bool[rows.Rows];
            uniform[rows.Start(sequence) + query] = true;
            for (int key = 0; key < numbers.Length; key++)
                numbers[key] = Number(sequence, Distance(sequence, row, key, memory));
        }

        void Relations(int sequence, int query, Span<int> numbers)
        {
            ReadOnlySpan<int> all = types!.Value.Span;
            int own = all[Row(rows.Start(sequence) + query)], memory = MemoryLength(sequence);
            for (int key = 0; key < numbers.Length; key++)
                numbers[key] = (key < memory ? 0 : all[_content.Start(sequence) + key - memory]) == own ? 0 : 1;
        }

        var index = new PairIndex(rows, Keys, Distances);
        _streams.Add(new RelativeStream(rows, index, types is null ? null : new PairIndex(rows, Keys, Relations), uniform));
    }

    private static bool Same(Segments left, Segments right) => left.Offsets.SequenceEqual(right.Offsets);

    private int Distance(int sequence, int row, int key, int memory) => key < memory
        ? Position(row, sequence) + memory - key
        : Position(row, sequence) - Position(_content.Start(sequence) + key - memory, sequence);

    private int Position(int row, int sequence) => _positions is null ? row - _content.Start(sequence) : _positions.Value.Span[row];

    private int MemoryLength(int sequence) => _memory?.Length(sequence) ?? 0;

    private int[] Order(Segments memory)
    {
        int[] order = new int[Keys.Rows];
        for (int s = 0, next = 0; s < Keys.Count; s++)
        {
            for (int i = 0; i < memory.Length(s); i++)
                order[next++] = memory.Start(s) + i;
            for (int i = 0; i < _content.Length(s); i++)
                order[next++] = memory.Rows + _content.Start(s) + i;
        }
        return order;
    }

    /// <summary>Whether a row sees a key.</summary>
    /// <param name="sequence">Their sequence.</param>
    /// <param name="row">The row of the batch.</param>
    /// <param name="key">The key among the sequence's own rows; negative in its memory.</param>
    /// <param name="distance">How far behind the row the key is.</param>
    public delegate bool Sees(int sequence, int row, int key, int distance);
}

/// <summary>Rows that read, and how each stands to each row it may read.</summary>
/// <param name="Queries">The sequences of the rows.</param>
/// <param name="Distances">The number of the distance of each pair that sees each other; of all pairs for rows that would see nothing.</param>
/// <param name="Relations">For each pair, whether the token types are the same (0) or not (1); null if that does not count.</param>
/// <param name="Uniform">
/// Which rows would see nothing, and read all keys alike: the references hide keys with a number that drowns every score, and let gradients flow
/// as if they had been seen. Empty if there are none.
/// </param>
public sealed record RelativeStream(Segments Queries, PairIndex Distances, PairIndex? Relations, ReadOnlyMemory<bool> Uniform);

/// <summary>Which keys rows read, as seen from them.</summary>
public enum DistanceRange
{
    /// <summary>Those behind them.</summary>
    Behind,

    /// <summary>Those behind them, those of their own segment also ahead.</summary>
    BothSides,

    /// <summary>As far ahead as behind: some sequences are read from their end.</summary>
    Mirrored,
}
