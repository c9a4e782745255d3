using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Moves whole rows by number.</summary>
internal static unsafe class RowGather
{
    /// <summary>y[i] = x[ids[i]], or adds it.</summary>
    public static void Gather(float* x, ReadOnlyMemory<int> ids, long width, float* y, bool accumulate) =>
        RangeKernel.Run(ids.Length, RangeKernel.Rows(width), new GatherKernel(x, ids, width, y, accumulate));

    /// <summary>y[ids[i]] += x[i], in the order of i for each row of y.</summary>
    public static void ScatterAdd(float* x, ReadOnlyMemory<int> ids, long width, float* y)
    {
        // Columns, not rows, are shared out: a row may be named many times, and its sum must keep one order.
        long block = Math.Max(64, (width + 7) / 8);
        long blocks = ids.Length * width < RangeKernel.Grain ? 1 : (width + block - 1) / block;
        if (blocks == 1)
            block = width;
        RangeKernel.Run(blocks, 1, new ScatterKernel(x, ids, width, block, y));
    }

    private readonly struct GatherKernel(float* x, ReadOnlyMemory<int> ids, long width, float* y, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            ReadOnlySpan<int> rows = ids.Span;
            for (int i = (int)start; i < end; i++)
                BlockCopy.Row<T>(x + rows[i] * width, y + i * width, width, accumulate);
        }
    }

    private readonly struct ScatterKernel(float* x, ReadOnlyMemory<int> ids, long width, long block, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            ReadOnlySpan<int> rows = ids.Span;
            for (long b = start; b < end; b++)
            {
                long first = b * block, columns = Math.Min(block, width - first);
                for (int i = 0; i < rows.Length; i++)
                    BlockCopy.Row<T>(x + i * width + first, y + rows[i] * width + first, columns, accumulate: true);
            }
        }
    }
}
