using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>Rows that one block keeps of one sequence, one a position: keys with values, or the inputs of a convolution alone.</summary>
internal sealed class CachedRows
{
    private HeadStore? _keys;
    private HeadStore? _values;

    // The position of the first row that is still kept.
    private int _first;

    public long ReservedBytes => (_keys?.ReservedBytes ?? 0) + (_values?.ReservedBytes ?? 0);

    /// <summary>The keys of all positions, where nothing is forgotten.</summary>
    public Heads Keys => _keys!.All;

    /// <summary>The values of all positions, where nothing is forgotten.</summary>
    public Heads Values => _values!.All;

    /// <summary>The rows of positions from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public Tensor Rows(int start, int end) => _keys!.Rows(start - _first, end - start);

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
        HeadStore Added(HeadStore? store, Heads given)
        {
            store ??= new HeadStore(given.Count, given.Width);
            store.Reserve(checked(length - _first + count), length - _first);
            store.Write(length - _first, given, firstRow, count);
            return store;
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
        HeadStore? Copied(HeadStore? own, HeadStore? source)
        {
            if (source is null)
                return null;
            // Rows that were forgotten have moved: what is alike may stand elsewhere.
            int same = own is null || _first != other._first ? 0 : Math.Max(0, shared - _first);
            int count = length - other._first;
            own ??= source.Empty();
            own.Reserve(count, same);
            if (count > same)
                own.Copy(source, same, count - same);
            return own;
        }
        (_keys, _values) = (Copied(_keys, other._keys), Copied(_values, other._values));
        _first = other._first;
    }

    // Where the memory is full, what nobody asks for any more makes room.
    private void Forget(int length, int count, int reach)
    {
        int kept = Math.Min(length - _first, reach);
        if (_keys is null || length - _first + count <= _keys.Capacity || kept == length - _first)
            return;
        _keys.MoveToBeginning(length - kept - _first, kept);
        _first = length - kept;
    }
}
