namespace Attune.Tensors.Memory;

/// <summary>
/// The memory of one training or inference step. Tensors are carved from large chunks and all returned together by
/// <see cref="Reset"/>; the chunks are kept, so a second step of the same size takes no native memory at all.
/// </summary>
/// <remarks>Not thread-safe: one arena belongs to one tape on one thread (kernels may write its tensors from many).</remarks>
public sealed unsafe class Arena
{
    private const long ChunkFloats = 4L << 20;
    private const int AlignmentFloats = NativeBuffer.Alignment / sizeof(float);

    private readonly List<NativeBuffer> _chunks = [];
    private readonly Dictionary<long, Stack<nint>> _released = [];
    private int _chunk;
    private long _used;

    /// <summary>The native memory held, in bytes.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Grows by one each time the arena is emptied; a tensor of an earlier generation is stale.</summary>
    internal int Generation { get; private set; }

    /// <summary>Returns every tensor of the arena at once. The memory is kept for the next step.</summary>
    public void Reset()
    {
        foreach (Stack<nint> blocks in _released.Values)
            blocks.Clear();
        _chunk = 0;
        _used = 0;
        Generation++;
    }

    /// <summary>The current position, to go back to with <see cref="Rewind"/>.</summary>
    internal Mark Position => new(_chunk, _used);

    /// <summary>Returns everything allocated since a position was taken.</summary>
    internal void Rewind(Mark mark)
    {
        // Released blocks above the mark would be handed out twice, so none may be remembered across it.
        foreach (Stack<nint> blocks in _released.Values)
            blocks.Clear();
        _chunk = mark.Chunk;
        _used = mark.Used;
    }

    /// <summary>Takes a 64-byte aligned block of <paramref name="count"/> floats with undefined content.</summary>
    internal float* Allocate(long count)
    {
        long size = RoundUp(count);
        if (_released.TryGetValue(size, out Stack<nint>? blocks) && blocks.TryPop(out nint block))
            return (float*)block;

        while (true)
        {
            if (_chunk == _chunks.Count)
            {
                var chunk = new NativeBuffer(Math.Max(ChunkFloats, size));
                _chunks.Add(chunk);
                ReservedBytes += chunk.Count * sizeof(float);
            }
            NativeBuffer current = _chunks[_chunk];
            if (_used + size <= current.Count)
            {
                float* pointer = current.Pointer + _used;
                _used += size;
                return pointer;
            }
            // A block larger than what is left moves on to the next chunk that can hold it.
            if (_chunk + 1 < _chunks.Count && _chunks[_chunk + 1].Count < size)
            {
                var larger = new NativeBuffer(size);
                _chunks.Insert(_chunk + 1, larger);
                ReservedBytes += larger.Count * sizeof(float);
            }
            _chunk++;
            _used = 0;
        }
    }

    /// <summary>Gives a block back before the step ends, to be reused by the next request of the same size.</summary>
    internal void Release(float* pointer, long count)
    {
        long size = RoundUp(count);
        if (!_released.TryGetValue(size, out Stack<nint>? blocks))
            _released[size] = blocks = new Stack<nint>();
        blocks.Push((nint)pointer);
    }

    private static long RoundUp(long count) => (Math.Max(count, 1) + AlignmentFloats - 1) / AlignmentFloats * AlignmentFloats;

    internal readonly record struct Mark(int Chunk, long Used);
}
