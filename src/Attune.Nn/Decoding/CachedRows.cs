using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>Rows that one block keeps of one sequence, one a position: keys with values, or the inputs of a convolution alone.</summary>
internal sealed class CachedRows
{
    private const int FirstCapacity = 64;

    private Tensor? _keys;
    private Tensor? _values;

    // The position of the first row that is still kept.
    private int _first;

    public long ReservedBytes => ((_keys?.Count ?? 0) + (_values?.Count ?? 0)) * sizeof(float);

    /// <summary>The keys of positions from <paramref name="start"/> to <paramref name="end"/>, as heads like others.</summary>
    public Heads Keys(int start, int end, Heads like) => new(_keys!.DetachedRows(start - _first, end - start), 0, like.Count, like.Width);

    /// <summary>The values of positions from <paramref name="start"/> to <paramref name="end"/>, as heads like others.</summary>
    public Heads Values(int start, int end, Heads like) => new(_values!.DetachedRows(start - _first, end - start), 0, like.Count, like.Width);

    /// <summary>The rows of positions from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public Tensor Rows(int start, int end) => _keys!.DetachedRows(start - _first, end - start);

    /// <summary>Adds rows behind those of the positions before <paramref name="length"/>.</summary>
    /// <param name="length">The number of positions so far.</param>
    /// <param name="count">The number of new ones.</param>
    /// <param name="keys">Holds the new keys.</param>
    /// <param name="values">Holds the new values; null if there are none.</param>
    /// <param name="firstRow">The row of the first new position.</param>
    /// <param name="reach">How many earlier positions new ones ask for; what is older may be forgotten.</param>
    public void Append(int length, int count, Heads keys, Heads? values, int firstRow, int reach = int.MaxValue)
    {
        Forget(length, count, reach);
        Tensor Added(Tensor? store, Heads given)
        {
            Tensor grown = Grown(store, length - _first, count, given.Count * given.Width);
            CopyRows(given, firstRow, count, grown, length - _first);
            return grown;
        }
        _keys = Added(_keys, keys);
        if (values is { } some)
            _values = Added(_values, some);
    }

    /// <summary>Becomes like another one's first positions.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="shared">How many first positions are alike already.</param>
    /// <param name="length">The number of positions.</param>
    public void CopyFrom(CachedRows other, int shared, int length)
    {
        Tensor? Copied(Tensor? own, Tensor? source)
        {
            if (source is null)
                return null;
            // Rows that were forgotten have moved: what is alike may stand elsewhere.
            int same = own is null || _first != other._first ? 0 : Math.Max(0, shared - _first);
            int count = length - other._first, width = source.Shape.Width;
            Tensor target = Grown(own, same, Math.Max(0, count - same), width);
            if (count > same)
                source.Span[(same * width)..(count * width)].CopyTo(target.Span[(same * width)..]);
            return target;
        }
        (_keys, _values) = (Copied(_keys, other._keys), Copied(_values, other._values));
        _first = other._first;
    }

    // Where the memory is full, what nobody asks for any more makes room.
    private void Forget(int length, int count, int reach)
    {
        int kept = Math.Min(length - _first, reach);
        if (_keys is null || length - _first + count <= _keys.Shape[0] || kept == length - _first)
            return;
        int width = _keys.Shape.Width;
        _keys.Span.Slice((length - kept - _first) * width, kept * width).CopyTo(_keys.Span);
        _first = length - kept;
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
