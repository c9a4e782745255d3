using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>
/// What blocks have made of all rows read so far, so that decoding step by step computes only the new ones: keys and values of
/// attention, inputs of convolutions, states of recurrences. Work grows linearly, not with the square of the length.
/// </summary>
/// <remarks>Not thread-safe. Memory grows by doubling with the longest sequence.</remarks>
public sealed class KeyValueCache : IDecodingState
{
    private const int FirstCapacity = 64;

    private readonly List<Store[]> _blocks = [];
    private int[] _lengths;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="sequences">The number of sequences that are decoded together.</param>
    public KeyValueCache(int sequences)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        _lengths = new int[sequences];
    }

    /// <summary>The number of sequences.</summary>
    public int Sequences => _lengths.Length;

    /// <summary>The memory held, in bytes.</summary>
    public long ReservedBytes => _blocks.Sum(stores => stores.Sum(store => store.ReservedBytes));

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
    /// Goes on with other sequences: number <c>i</c> continues what was number <c>sequences[i]</c>. One that is named twice is
    /// copied; one that is not named is forgotten (beams that were dropped, texts that are finished).
    /// </summary>
    public void Select(ReadOnlySpan<int> sequences)
    {
        for (int block = 0; block < _blocks.Count; block++)
        {
            Store[] old = _blocks[block];
            var chosen = new Store[sequences.Length];
            HashSet<int> taken = [];
            for (int i = 0; i < chosen.Length; i++)
                chosen[i] = taken.Add(sequences[i]) ? old[sequences[i]] : old[sequences[i]].Copy(_lengths[sequences[i]]);
            _blocks[block] = chosen;
        }
        int[] lengths = new int[sequences.Length];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = _lengths[sequences[i]];
        _lengths = lengths;
    }

    /// <summary>Keeps the new rows' keys and values, and lets their queries read all rows of their sequence so far.</summary>
    /// <param name="tape">Where it runs; must not record.</param>
    /// <param name="block">The block that asks.</param>
    /// <param name="queries">The new rows' queries.</param>
    /// <param name="keys">The new rows' keys.</param>
    /// <param name="values">The new rows' values.</param>
    /// <param name="segments">The new rows of each sequence.</param>
    /// <param name="options">As for attention over whole sequences.</param>
    internal Tensor Attend(Tape tape, int block, Heads queries, Heads keys, Heads values, Segments segments, AttentionOptions options)
    {
        Store[] stores = StoresOf(tape, block, segments);
        var parts = new Tensor[segments.Count];
        for (int s = 0; s < parts.Length; s++)
        {
            int start = segments.Start(s), count = segments.Length(s), before = _lengths[s];
            Store store = stores[s];
            store.Append(before, count, keys, values, start);
            Heads query = queries with { Source = queries.Source.DetachedRows(start, count) };
            parts[s] = tape.Attention(
                query, store.Keys(before + count, keys), store.Values(before + count, values),
                Segments.Equal(1, count), Segments.Equal(1, before + count), options with { CausalOffset = before });
        }
        return parts.Length == 1 ? parts[0] : tape.Concat(0, parts);
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
        Store[] stores = StoresOf(tape, block, segments);
        var heads = new Heads(x, 0, 1, x.Shape.Width);
        var parts = new Tensor[segments.Count];
        int[] lengths = new int[parts.Length];
        List<int> recent = [];
        int rows = 0;
        for (int s = 0; s < parts.Length; s++)
        {
            int before = _lengths[s], count = segments.Length(s), earlier = Math.Min(before, reach);
            stores[s].Append(before, count, heads, null, segments.Start(s));
            parts[s] = stores[s].Keys(before + count, heads).Source.DetachedRows(before - earlier, earlier + count);
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
        return count == 0 ? null : _blocks[block][sequence].LastKeys(before, count);
    }

    /// <summary>Keeps new rows of a block, for <see cref="Recent"/>.</summary>
    internal void Keep(Tape tape, int block, Tensor x, Segments segments)
    {
        Store[] stores = StoresOf(tape, block, segments);
        for (int s = 0; s < stores.Length; s++)
            stores[s].Append(_lengths[s], segments.Length(s), new Heads(x, 0, 1, x.Shape.Width), null, segments.Start(s));
    }

    /// <summary>The states that a recurrence left after the rows so far, <c>[sequences, width]</c> each; null before the first.</summary>
    internal (Tensor Hidden, Tensor Cell)? Latest(int block)
    {
        if (_blocks.Count <= block || !_lengths.Any(length => length > 0))
            return null;
        Store[] stores = _blocks[block];
        Tensor Rows(Func<Store, Tensor> of) => Tensor.From([stores.Length, of(stores[0]).Shape.Width], [.. stores.SelectMany(store => of(store).ToArray())]);
        return (Rows(store => store.FirstKey), Rows(store => store.FirstValue));
    }

    /// <summary>Keeps the states of a recurrence, which take the place of the earlier ones.</summary>
    internal void KeepLatest(Tape tape, int block, Tensor hidden, Tensor cell)
    {
        Store[] stores = StoresOf(tape, block, Segments.Equal(hidden.Shape[0], 1));
        for (int s = 0; s < stores.Length; s++)
            stores[s].Append(0, 1, new Heads(hidden, 0, 1, hidden.Shape.Width), new Heads(cell, 0, 1, cell.Shape.Width), s);
    }

    private Store[] StoresOf(Tape tape, int block, Segments segments)
    {
        if (tape.Recording)
            throw new InvalidOperationException("A key-value cache cannot be trained through: start the tape with recording: false.");
        CheckCount(segments);
        while (_blocks.Count <= block)
            _blocks.Add([.. _lengths.Select(_ => new Store())]);
        return _blocks[block];
    }

    private void CheckCount(Segments segments)
    {
        if (segments.Count != _lengths.Length)
            throw new ArgumentException($"The cache holds {_lengths.Length} sequences; the batch has {segments.Count}.", nameof(segments));
    }

    /// <summary>The keys and values of one sequence in one block, one row a position.</summary>
    private sealed class Store
    {
        private Tensor? _keys;
        private Tensor? _values;

        public long ReservedBytes => ((_keys?.Count ?? 0) + (_values?.Count ?? 0)) * sizeof(float);

        public Heads Keys(int length, Heads like) => new(_keys!.DetachedRows(0, length), 0, like.Count, like.Width);

        public Heads Values(int length, Heads like) => new(_values!.DetachedRows(0, length), 0, like.Count, like.Width);

        public Tensor LastKeys(int length, int count) => _keys!.DetachedRows(length - count, count);

        public Tensor FirstKey => _keys!.DetachedRows(0, 1);

        public Tensor FirstValue => _values!.DetachedRows(0, 1);

        public void Append(int length, int count, Heads keys, Heads? values, int firstRow)
        {
            _keys = Grown(_keys, length, count, keys.Count * keys.Width);
            CopyRows(keys, firstRow, count, _keys, length);
            if (values is not { } given)
                return;
            _values = Grown(_values, length, count, given.Count * given.Width);
            CopyRows(given, firstRow, count, _values, length);
        }

        public Store Copy(int length)
        {
            Tensor? Copied(Tensor? rows) => rows is null ? null : Grown(rows, length, rows.Shape[0] + 1 - length, rows.Shape.Width);
            return new Store { _keys = Copied(_keys), _values = Copied(_values) };
        }

        private static Tensor Grown(Tensor? store, int length, int more, int width)
        {
            int needed = checked(length + more);
            if (store is not null && store.Shape[0] >= needed)
                return store;
            Tensor grown = Tensor.Zeros([Math.Max(needed, Math.Max(FirstCapacity, 2 * (store?.Shape[0] ?? 0))), width]);
            if (length > 0)
                store!.Span[..(length * width)].CopyTo(grown.Span);
            return grown;
        }

        private static void CopyRows(Heads heads, int firstRow, int count, Tensor target, int at)
        {
            int width = heads.Count * heads.Width, stride = heads.Source.Shape.Width;
            ReadOnlySpan<float> source = heads.Source.Span;
            Span<float> destination = target.Span;
            for (int row = 0; row < count; row++)
                source.Slice((firstRow + row) * stride + heads.Column, width).CopyTo(destination[((at + row) * width)..]);
        }
    }
}
