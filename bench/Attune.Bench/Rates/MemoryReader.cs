using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Rates;

/// <summary>Reads memory with all workers and does next to nothing with it: the limit of what reads everything once.</summary>
internal static unsafe class MemoryReader
{
    private const int PieceBytes = 128 << 10;
    private const int StepBytes = 256;
    private const int Ahead = 2048;
    private const int CacheBytes = 16 << 20;

    /// <summary>Reads <paramref name="bytes"/>, except for what is left of them beyond a multiple of 256.</summary>
    public static void Read(void* memory, long bytes)
    {
        long sum = 0;
        Workers.For((int)((bytes + PieceBytes - 1) / PieceBytes), new Job((byte*)memory, bytes, &sum));
    }

    private readonly struct Job(byte* memory, long bytes, long* sum) : IJob
    {
        public void Run(int item)
        {
            long start = (long)item * PieceBytes;
            Interlocked.Add(ref *sum, Sum(memory + start, Math.Min(PieceBytes, bytes - start) / StepBytes * StepBytes, bytes > CacheBytes));
        }

        private static void Prefetch(byte* address)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(address);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static long Sum(byte* piece, long length, bool isFar)
        {
            Vector512<long> a = default, b = default, c = default, d = default;
            for (byte* end = piece + length; piece < end; piece += StepBytes)
            {
                // Asked for ahead, memory is read up to a tenth faster than the CPU would by itself, a cache slower. Asking beyond the end does no harm.
                if (isFar)
                {
                    Prefetch(piece + Ahead);
                    Prefetch(piece + Ahead + 64);
                    Prefetch(piece + Ahead + 128);
                    Prefetch(piece + Ahead + 192);
                }
                a += Vector512.Load((long*)piece);
                b += Vector512.Load((long*)piece + 8);
                c += Vector512.Load((long*)piece + 16);
                d += Vector512.Load((long*)piece + 24);
            }
            return Vector512.Sum(a + b + c + d);
        }
    }
}
