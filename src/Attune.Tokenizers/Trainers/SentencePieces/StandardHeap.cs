namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>A binary heap whose greatest item comes out first.</summary>
/// <remarks>
/// Which of equal items comes first is part of what a trainer gives, so items move just as in the GNU C++ library's heap: what is
/// taken out leaves a hole that sinks to the bottom along the greater children, and the last item rises from there.
/// </remarks>
/// <param name="isLess">Whether one item comes after another.</param>
internal sealed class StandardHeap<T>(Func<T, T, bool> isLess)
{
    private readonly List<T> _items = [];

    /// <summary>The number of items.</summary>
    public int Count => _items.Count;

    /// <summary>Takes all items out.</summary>
    public void Clear() => _items.Clear();

    /// <summary>Puts an item in.</summary>
    public void Push(T item)
    {
        _items.Add(item);
        Rise(_items.Count - 1, item);
    }

    /// <summary>Takes the greatest item out.</summary>
    public bool TryPop(out T item)
    {
        if (_items.Count == 0)
        {
            item = default!;
            return false;
        }

        item = _items[0];
        var last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        if (_items.Count > 0) Rise(Sink(), last);
        return true;
    }

    private int Sink()
    {
        var (hole, count) = (0, _items.Count);
        while ((2 * hole) + 2 < count)
        {
            var child = (2 * hole) + 2;
            if (isLess(_items[child], _items[child - 1])) child--;
            _items[hole] = _items[child];
            hole = child;
        }

        if ((2 * hole) + 1 < count)
        {
            _items[hole] = _items[(2 * hole) + 1];
            hole = (2 * hole) + 1;
        }

        return hole;
    }

    private void Rise(int hole, T item)
    {
        while (hole > 0 && (hole - 1) / 2 is var parent && isLess(_items[parent], item))
        {
            _items[hole] = _items[parent];
            hole = parent;
        }

        _items[hole] = item;
    }
}
