using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>
/// What blocks have made of all rows read so far, so that decoding step by step computes only the new ones: keys and values of
/// attention, the last inputs of convolutions, states of recurrences, keys and values of an encoder's rows. Work grows linearly, not with
/// the square of the length.
/// </summary>
/// <remarks>Not thread-safe. Memory grows by doubling with the longest sequence; convolutions and recurrences keep what they reach.</remarks>
public sealed class KeyValueCache : IDecodingState
{
    private readonly List<CachedRows[]> _blocks = [];
    private readonly Dictionary<int, CachedSource> _encoded = [];
    private readonly Dictionary<int, CachedState> _states = [];
    private int[] _lengths;

    // The place that each sequence had at the beginning, which is that of its source.
    private int[] _origins;

    // How many first rows two sequences have in common, because they continue the same one.
    private int[,] _shared;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="sequences">The number of sequences that are decoded together.</param>
    public KeyValueCache(int sequences)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        _lengths = new int[sequences];
        _origins = [.. Enumerable.Range(0, sequences)];
        _shared = new int[sequences, sequences];
    }

    /// <summary>The number of sequences.</summary>
    public int Sequences => _lengths.Length;

    /// <summary>The memory held, in bytes.</summary>
    public long ReservedBytes => _blocks.Sum(rows => rows.Sum(r => r.ReservedBytes)) + _encoded.Values.Sum(e => e.ReservedBytes) + _states.Values.Sum(s => s.ReservedBytes);

    /// <inheritdoc/>
    public int Length(int sequence) => _lengths[sequence];

    /// <inheritdoc/>
    public void Advance(Segments segments)
    {
        CheckCount(segments);
        for (int s = 0; s < _lengths.Length; s++)
            _lengths[s] += segments.Length(s);
    }

    /// <summary>
    /// Goes on with other sequences: number <c>i</c> continues what was number <c>sequences[i]</c>. One that is not named is forgotten (beams that
    /// were dropped, texts that are finished). For one that is named again, only the rows are copied in which it differs from a forgotten one.
    /// </summary>
    public void Select(ReadOnlySpan<int> sequences)
    {
        int count = sequences.Length;
        (int Place, int Source, int Shared)[] plan = Plan(sequences);
        for (int block = 0; block < _blocks.Count; block++)
        {
            CachedRows[] old = _blocks[block];
            var chosen = new CachedRows[count];
            for (int i = 0; i < count; i++)
            {
                chosen[i] = plan[i].Place >= 0 ? old[plan[i].Place] : new CachedRows();
                if (plan[i].Source >= 0)
                    chosen[i].CopyFrom(old[plan[i].Source], plan[i].Shared, _lengths[plan[i].Source]);
            }
            _blocks[block] = chosen;
        }
        foreach (CachedState state in _states.Values)
            state.Select(sequences);
        (int[] lengths, int[] origins) = (new int[count], new int[count]);
        int[,] shared = new int[count, count];
        for (int i = 0; i < count; i++)
        {
            (lengths[i], origins[i]) = (_lengths[sequences[i]], _origins[sequences[i]]);
            for (int j = 0; j < count; j++)
                shared[i, j] = sequences[i] == sequences[j] ? lengths[i] : _shared[sequences[i], sequences[j]];
        }
        (_lengths, _origins, _shared) = (lengths, origins, shared);
    }

    /// <summary>Keeps the new rows' keys and values, and lets their queries read all rows of their sequence so far.</summary>
    /// <param name="tape">Where it runs; must not record.</param>
    /// <param name="block">The block that asks.</param>
    /// <param name="queries">The new rows' queries.</param>
    /// <param name="keys">The new rows' keys.</param>
    /// <param name="values">The new rows' values.</param>
    /// <param name="segments">The new rows of each sequence.</param>
    /// <param name="options">As for attention over whole sequences, but for the bias.</param>
    /// <param name="biases">The bias of each sequence's scores, <c>[heads, new rows, all rows]</c>; null if there is none.</param>
    internal Tensor Attend(
        Tape tape, int block, Heads queries, Heads keys, Heads values, Segments segments, AttentionOptions options, IReadOnlyList<Tensor>? biases)
    {
        CachedRows[] kept = RowsOf(tape, block, segments);
        var parts = new Tensor[segments.Count];
        for (int s = 0; s < parts.Length; s++)
        {
            int start = segments.Start(s), count = segments.Length(s), before = _lengths[s], after = before + count;
            kept[s].Append(before, count, keys, values, start);
            Heads query = queries with { Source = queries.Source.DetachedRows(start, count) };
            parts[s] = tape.Attention(
                query, kept[s].Keys, kept[s].Values, Segments.Equal(1, count), Segments.Equal(1, after),
                options with { CausalOffset = before, Bias = biases?[s] });
        }
        return parts.Length == 1 ? parts[0] : tape.Concat(0, parts);
    }

    /// <summary>Lets queries read the encoder's rows, of which keys and values are made the first time.</summary>
    /// <param name="tape">Where it runs; must not record.</param>
    /// <param name="block">The block that asks.</param>
    /// <param name="queries">The new rows' queries.</param>
    /// <param name="segments">The new rows of each sequence.</param>
    /// <param name="project">Makes keys and values of the encoder's rows.</param>
    /// <param name="source">The encoder's sequences, as they were at the beginning.</param>
    /// <param name="options">As for attention over whole sequences.</param>
    internal Tensor AttendSource(
        Tape tape, int block, Heads queries, Segments segments, Func<(Heads Keys, Heads Values)> project, Segments source, AttentionOptions options)
    {
        Check(tape, segments);
        if (!_encoded.TryGetValue(block, out CachedSource? encoded))
        {
            (Heads keys, Heads values) = project();
            _encoded[block] = encoded = new CachedSource(keys, values, source);
        }
        return encoded.Attend(tape, queries, segments, _origins, options);
    }

    /// <summary>
    /// Keeps the new rows of a convolution's input, and puts in front of them the earlier ones that they can see.
    /// </summary>
    /// <param name="tape">Where it runs; must not record.</param>
    /// <param name="block">The block that asks.</param>
    /// <param name="x">The new rows.</param>
    /// <param name="segments">The new rows of each sequence.</param>
    /// <param name="reach">How many rows back a position sees.</param>
    /// <returns>The rows, the sequences they form, and which of them are new.</returns>
    internal (Tensor Rows, Segments Segments, int[] New) Extend(Tape tape, int block, Tensor x, Segments segments, int reach)
    {
        CachedRows[] kept = RowsOf(tape, block, segments);
        var parts = new Tensor[segments.Count];
        int[] lengths = new int[parts.Length];
        List<int> recent = [];
        int rows = 0;
        for (int s = 0; s < parts.Length; s++)
        {
            int before = _lengths[s], count = segments.Length(s), earlier = Math.Min(before, reach);
            kept[s].Append(before, count, new Heads(x, 0, 1, x.Shape.Width), null, segments.Start(s), reach);
            parts[s] = kept[s].Rows(before - earlier, before + count);
            lengths[s] = earlier + count;
            recent.AddRange(Enumerable.Range(rows + earlier, count));
            rows += lengths[s];
        }
        return (parts.Length == 1 ? parts[0] : tape.Concat(0, parts), Segments.FromLengths(lengths), [.. recent]);
    }

    /// <summary>The last rows that a block kept of a sequence, at most <paramref name="rows"/>; null before the first.</summary>
    internal Tensor? Recent(int block, int sequence, int rows)
    {
        int before = _lengths[sequence], count = Math.Min(before, rows);
        return count == 0 ? null : _blocks[block][sequence].Rows(before - count, before);
    }

    /// <summary>Keeps new rows of a block, for <see cref="Recent"/>.</summary>
    internal void Keep(Tape tape, int block, Tensor x, Segments segments)
    {
        CachedRows[] kept = RowsOf(tape, block, segments);
        for (int s = 0; s < kept.Length; s++)
            kept[s].Append(_lengths[s], segments.Length(s), new Heads(x, 0, 1, x.Shape.Width), null, segments.Start(s));
    }

    /// <summary>What a block's recurrence has come to.</summary>
    internal CachedState State(Tape tape, int block, Segments segments)
    {
        Check(tape, segments);
        return _states.TryGetValue(block, out CachedState? state) ? state : _states[block] = new CachedState();
    }

    // Which old place each new sequence takes, what is copied there (-1: nothing, -1 as place: a new one), and how many rows need no copy.
    private (int Place, int Source, int Shared)[] Plan(ReadOnlySpan<int> sequences)
    {
        var plan = new (int Place, int Source, int Shared)[sequences.Length];
        bool[] taken = new bool[_lengths.Length];
        for (int i = 0; i < plan.Length; i++)
        {
            plan[i] = taken[sequences[i]] ? (-1, sequences[i], 0) : (sequences[i], -1, 0);
            taken[sequences[i]] = true;
        }
        foreach (ref (int Place, int Source, int Shared) entry in plan.AsSpan())
        {
            if (entry.Place >= 0)
                continue;
            for (int place = 0; place < taken.Length; place++)
            {
                if (!taken[place] && (entry.Place < 0 || _shared[place, entry.Source] > entry.Shared))
                    entry = (place, entry.Source, _shared[place, entry.Source]);
            }
            if (entry.Place >= 0)
                taken[entry.Place] = true;
        }
        return plan;
    }

    private CachedRows[] RowsOf(Tape tape, int block, Segments segments)
    {
        Check(tape, segments);
        while (_blocks.Count <= block)
            _blocks.Add([.. _lengths.Select(_ => new CachedRows())]);
        return _blocks[block];
    }

    private void Check(Tape tape, Segments segments)
    {
        if (tape.Recording)
            throw new InvalidOperationException("A key-value cache cannot be trained through: start the tape with recording: false.");
        CheckCount(segments);
    }

    private void CheckCount(Segments segments)
    {
        if (segments.Count != _lengths.Length)
            throw new ArgumentException($"The cache holds {_lengths.Length} sequences; the batch has {segments.Count}.", nameof(segments));
    }
}
