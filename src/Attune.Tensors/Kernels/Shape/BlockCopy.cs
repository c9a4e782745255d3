using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Moves blocks of contiguous floats between places with different distances from block to block.</summary>
internal static unsafe class BlockCopy
{
    /// <summary>
    /// Copies (or adds) <paramref name="blocks"/> blocks of <paramref name="width"/> floats; neighbouring blocks begin
    /// <paramref name="sourceStride"/> and <paramref name="targetStride"/> floats apart.
    /// </summary>
    public static void Run(float* source, long sourceStride, float* target, long targetStride, long blocks, long width, bool accumulate)
    {
        if (sourceStride == width && targetStride == width)
        {
            width *= blocks;
            blocks = 1;
        }
        if (width == 0)
            return;
        RangeKernel.Run(blocks * width, RangeKernel.Grain, new CopyKernel(source, sourceStride, target, targetStride, width, accumulate));
    }

    /// <summary>Sets <paramref name="blocks"/> blocks of <paramref name="width"/> floats that begin <paramref name="stride"/> floats apart.</summary>
    public static void Fill(float* target, long stride, long blocks, long width, float value)
    {
        for (long block = 0; block < blocks; block++)
        {
            float* to = target + block * stride;
            for (long done = 0; done < width; done += int.MaxValue)
                new Span<float>(to + done, (int)Math.Min(width - done, int.MaxValue)).Fill(value);
        }
    }

    /// <summary>Copies (or adds) <paramref name="count"/> floats on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row<T>(float* source, float* target, long count, bool accumulate)
        where T : struct, ILanes<T>
    {
        if (!accumulate)
        {
            Buffer.MemoryCopy(source, target, count * sizeof(float), count * sizeof(float));
            return;
        }
        long i = 0;
        for (; i <= count - T.Width; i += T.Width)
            T.Store(target + i, T.Load(target + i) + T.Load(source + i));
        int rest = (int)(count - i);
        if (rest > 0)
            T.StorePartial(target + i, T.LoadPartial(target + i, rest) + T.LoadPartial(source + i, rest), rest);
    }

    private readonly struct CopyKernel(float* source, long sourceStride, float* target, long targetStride, long width, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            long block = start / width, position = start - block * width;
            while (start < end)
            {
                long count = Math.Min(width - position, end - start);
                Row<T>(source + block * sourceStride + position, target + block * targetStride + position, count, accumulate);
                start += count;
                block++;
                position = 0;
            }
        }
    }
}
