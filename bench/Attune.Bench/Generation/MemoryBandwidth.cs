using System.Diagnostics;
using Attune.Bench.Rates;
using Attune.Tensors.Memory;

namespace Attune.Bench.Generation;

/// <summary>
/// How fast memory can be read: what decoding, which reads every weight for every token, is held against. As many bytes as the weights have, in
/// memory of the same kind (huge pages, which are read about twice as fast as small ones), by the same threads.
/// </summary>
internal sealed unsafe class MemoryBandwidth
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(0.4);

    private readonly NativeBuffer _memory;

    /// <summary>Takes memory.</summary>
    /// <param name="bytes">How much is read at a time.</param>
    public MemoryBandwidth(long bytes)
    {
        _memory = new NativeBuffer(bytes / sizeof(float));
        new Span<float>(_memory.Pointer, checked((int)_memory.Count)).Fill(1);
    }

    /// <summary>GB/s with all workers: everything read in some time over that time, as a rate of tokens is taken.</summary>
    public double Measure()
    {
        long bytes = _memory.Count * sizeof(float), passes = 0;
        MemoryReader.Read(_memory.Pointer, bytes);
        long start = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(start) < Time; passes++)
            MemoryReader.Read(_memory.Pointer, bytes);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        GC.KeepAlive(_memory);
        return passes * bytes / seconds / 1e9;
    }
}
