using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Pipeline;

/// <summary>Appends ids to a list without a check a token: room is made ahead and the count set at the end.</summary>
internal ref struct IdWriter
{
    private readonly List<int> _list;
    private Span<int> _room;
    private int _count;

    /// <summary>Starts behind a list's last entry.</summary>
    /// <param name="list">The list; not to be touched by others until <see cref="Finish"/>.</param>
    public IdWriter(List<int> list)
    {
        _list = list;
        _count = list.Count;
        Grow(64);
    }

    /// <summary>Appends the first of a few ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(in SegmentCache.IdList ids, int count)
    {
        ReadOnlySpan<int> source = ids;
        if (_room.Length - _count < source.Length) Grow(source.Length);
        // Copying all of them is cheaper than copying the right number; what is too much is overwritten.
        source.CopyTo(_room[_count..]);
        _count += count;
    }

    /// <summary>Appends an id.</summary>
    public void Append(int id)
    {
        if (_room.Length == _count) Grow(1);
        _room[_count++] = id;
    }

    /// <summary>Appends ids.</summary>
    public void Append(scoped ReadOnlySpan<int> ids)
    {
        if (_room.Length - _count < ids.Length) Grow(ids.Length);
        ids.CopyTo(_room[_count..]);
        _count += ids.Length;
    }

    /// <summary>Sets the list's count to what was written.</summary>
    public readonly void Finish() => CollectionsMarshal.SetCount(_list, _count);

    private void Grow(int more)
    {
        CollectionsMarshal.SetCount(_list, Math.Max(_list.Capacity, Math.Max(_count + more, _count * 2)));
        _room = CollectionsMarshal.AsSpan(_list);
    }
}
