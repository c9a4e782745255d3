namespace Attune.Tensors.Memory;

/// <summary>
/// Memory for weights in the order in which products read them. Blocks lie one behind the other in chunks of huge pages: read once for every token,
/// a weight in pages of 4 KB comes at about half the speed, because each page has to be translated and no prefetcher looks beyond its end.
/// </summary>
/// <remarks>Thread-safe. A chunk is freed when nothing refers to any of its blocks any more.</remarks>
internal static unsafe class WeightMemory
{
    private const long ChunkFloats = 8L << 20;
    private const long HugePageFloats = (2L << 20) / sizeof(float);
    private const long AlignmentFloats = NativeBuffer.Alignment / sizeof(float);

    private static readonly Lock Taking = new();
    private static readonly WeakReference<NativeBuffer?> Latest = new(null);
    private static long used;

    /// <summary>Takes a 64-byte aligned block of <paramref name="count"/> floats with undefined content.</summary>
    public static WeightBlock Take(long count)
    {
        long size = RoundUp(Math.Max(count, 1), AlignmentFloats);
        lock (Taking)
        {
            if (!Latest.TryGetTarget(out NativeBuffer? chunk) || chunk.Count - used < size)
            {
                // The end of the last chunk stays untouched, hence takes no memory.
                chunk = new NativeBuffer(RoundUp(Math.Max(size, ChunkFloats), HugePageFloats));
                Latest.SetTarget(chunk);
                used = 0;
            }
            var block = new WeightBlock(chunk, chunk.Pointer + used, count);
            used += size;
            return block;
        }
    }

    private static long RoundUp(long count, long multiple) => (count + multiple - 1) / multiple * multiple;
}

/// <summary>A block of <see cref="WeightMemory"/>; keeps its chunk alive.</summary>
internal sealed unsafe class WeightBlock(NativeBuffer chunk, float* pointer, long count)
{
    /// <summary>What it was carved from.</summary>
    public NativeBuffer Chunk { get; } = chunk;

    /// <summary>The first float.</summary>
    public float* Pointer { get; } = pointer;

    /// <summary>How many there are.</summary>
    public long Count { get; } = count;
}
