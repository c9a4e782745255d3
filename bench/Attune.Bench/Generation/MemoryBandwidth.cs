using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Generation;

/// <summary>
/// How fast memory can be read: what decoding, which reads every weight for every token, is held against. As many bytes as the weights have, in
/// memory of the same kind (huge pages, which are read about twice as fast as small ones), by the same threads.
/// </summary>
internal sealed unsafe class MemoryBandwidth
{
    private const int PieceBytes = 128 << 10;
    private const int Ahead = 2048;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(0.4);

    private readonly NativeBuffer _memory;
    private readonly int _pieces;

    /// <summary>Takes memory.</summary>
    /// <param name="bytes">How much is read at a time.</param>
    public MemoryBandwidth(long bytes)
    {
        _pieces = (int)(bytes / PieceBytes);
        // What is asked for beyond the end is there, too.
        _memory = new NativeBuffer(((long)_pieces * PieceBytes + Ahead + PieceBytes) / sizeof(float));
        new Span<float>(_memory.Pointer, checked((int)_memory.Count)).Fill(1);
    }

    /// <summary>GB/s with all workers: everything read in some time over that time, as a rate of tokens is taken.</summary>
    public double Measure()
    {
        long* sums = stackalloc long[1];
        Read(sums);
        long start = Stopwatch.GetTimestamp(), passes = 0;
        for (; Stopwatch.GetElapsedTime(start) < Time; passes++)
            Read(sums);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        GC.KeepAlive(_memory);
        return (double)passes * _pieces * PieceBytes / seconds / 1e9;
    }

    private void Read(long* sums) => Workers.For(_pieces, new Job((byte*)_memory.Pointer, sums));

    private readonly struct Job(byte* memory, long* sum) : IJob
    {
        public void Run(int item) => Interlocked.Add(ref *sum, Sum(memory + ((long)item * PieceBytes)));

        private static void Prefetch(byte* address)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(address);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static long Sum(byte* piece)
        {
            Vector512<long> a = default, b = default, c = default, d = default;
            for (byte* end = piece + PieceBytes; piece < end; piece += 4 * Vector512<byte>.Count)
            {
                // Asked for ahead, memory is read up to a tenth faster than the CPU would by itself.
                Prefetch(piece + Ahead);
                Prefetch(piece + Ahead + 64);
                Prefetch(piece + Ahead + 128);
                Prefetch(piece + Ahead + 192);
                a += Vector512.Load((long*)piece);
                b += Vector512.Load((long*)piece + 8);
                c += Vector512.Load((long*)piece + 16);
                d += Vector512.Load((long*)piece + 24);
            }
            return Vector512.Sum(a + b + c + d);
        }
    }
}
