using System.Buffers;

namespace Attune.Nn.Contracts;

/// <summary>
/// Arrays for the numbers of one batch, taken from the shared pool, so that collating batch after batch makes no garbage to
/// speak of.
/// </summary>
/// <remarks>Not thread-safe; a batch is made and used by one thread.</remarks>
public sealed class BatchArrays
{
    private readonly List<int[]> _ints = [];

    /// <summary>Takes memory for <paramref name="count"/> numbers; the content is undefined.</summary>
    public Memory<int> Ints(int count)
    {
        int[] array = ArrayPool<int>.Shared.Rent(count);
        _ints.Add(array);
        return array.AsMemory(0, count);
    }

    /// <summary>Takes memory for <paramref name="count"/> numbers and sets them all.</summary>
    public Memory<int> Ints(int count, int value)
    {
        Memory<int> memory = Ints(count);
        memory.Span.Fill(value);
        return memory;
    }

    /// <summary>Gives everything back; memory taken before must not be used any more.</summary>
    public void Return()
    {
        foreach (int[] array in _ints)
            ArrayPool<int>.Shared.Return(array);
        _ints.Clear();
    }
}
