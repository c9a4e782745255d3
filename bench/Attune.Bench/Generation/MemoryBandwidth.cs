using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Generation;

/// <summary>How fast memory can be read: what decoding, which reads every weight for every token, is held against.</summary>
internal static unsafe class MemoryBandwidth
{
    /// <summary>More than the caches of any machine hold for this process.</summary>
    private const long Bytes = 384L << 20;
    private const int PieceBytes = 1 << 20;
    private const int Ahead = 2048;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(0.4);

    /// <summary>GB/s with all workers, the best of some.</summary>
    public static double Measure()
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 2 << 20);
        try
        {
            for (long i = 0; i < Bytes; i += PieceBytes)
                new Span<byte>(memory + i, PieceBytes).Fill(1);
            long* sums = stackalloc long[1];
            double best = double.MaxValue;
            for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < Time;)
            {
                long start = Stopwatch.GetTimestamp();
                Workers.For((int)(Bytes / PieceBytes), new Job(memory, sums));
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return Bytes / best / 1e9;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

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
