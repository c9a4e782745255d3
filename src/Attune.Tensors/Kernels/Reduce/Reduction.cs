using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Folds the middle axis of <c>[outer, count, inner]</c>. The order of every fold is a function of the sizes only.</summary>
internal static unsafe class Reduction
{
    private const int MaxBlocks = 1024;
    private const long MinBlock = 8192;

    // Rows that are added before the running sums are stored again, and columns whose running sums stay in the first cache.
    private const int RowGroup = 8;
    public const int ColumnBlock = 512;

    /// <summary>y[o, i] = scale * fold over c of x[o, c, i], or adds it.</summary>
    public static void Run<TFold>(TFold fold, float* x, long outer, long count, long inner, float* y, bool accumulate = false, float scale = 1)
        where TFold : struct, IFold
    {
        if (inner > 1)
        {
            long blocks = (inner + ColumnBlock - 1) / ColumnBlock;
            long grain = RangeKernel.Rows(Math.Min(inner, ColumnBlock) * count);
            RangeKernel.Run(outer * blocks, grain, new ColumnKernel<TFold>(fold, x, count, inner, blocks, y, accumulate, scale));
            return;
        }
        if (count <= MinBlock)
        {
            RangeKernel.Run(outer, RangeKernel.Rows(count), new RowKernel<TFold>(fold, x, count, y, accumulate, scale));
            return;
        }
        for (long o = 0; o < outer; o++)
        {
            float total = (float)(Fold(fold, x + o * count, count) * scale);
            y[o] = accumulate ? y[o] + total : total;
        }
    }

    /// <summary>The fold of a contiguous array.</summary>
    public static double Fold<TFold>(TFold fold, float* x, long count)
        where TFold : struct, IFold
    {
        long block = Math.Max(MinBlock, (count + MaxBlocks - 1) / MaxBlocks);
        long blocks = (count + block - 1) / block;
        float* partial = stackalloc float[MaxBlocks];
        RangeKernel.Run(blocks, 1, new BlockKernel<TFold>(fold, x, count, block, partial));
        double total = fold.Empty;
        for (long b = 0; b < blocks; b++)
            total = fold.Combine(total, partial[b]);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row<T, TFold>(TFold fold, float* x, long count)
        where T : struct, ILanes<T>
        where TFold : struct, IFold
    {
        T empty = T.Broadcast(fold.Empty);
        T a = empty, b = empty, c = empty, d = empty;
        long i = 0;
        for (; i <= count - 4 * T.Width; i += 4 * T.Width)
        {
            a = fold.Combine(a, T.Load(x + i));
            b = fold.Combine(b, T.Load(x + i + T.Width));
            c = fold.Combine(c, T.Load(x + i + 2 * T.Width));
            d = fold.Combine(d, T.Load(x + i + 3 * T.Width));
        }
        for (; i <= count - T.Width; i += T.Width)
            a = fold.Combine(a, T.Load(x + i));
        int rest = (int)(count - i);
        if (rest > 0)
            b = fold.Combine(b, T.Select(T.FirstLanes(rest), T.LoadPartial(x + i, rest), empty));
        return fold.Across(fold.Combine(fold.Combine(a, b), fold.Combine(c, d)));
    }

    private readonly struct RowKernel<TFold>(TFold fold, float* x, long count, float* y, bool accumulate, float scale) : IRangeKernel
        where TFold : struct, IFold
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long row = start; row < end; row++)
            {
                float total = Row<T, TFold>(fold, x + row * count, count) * scale;
                y[row] = accumulate ? y[row] + total : total;
            }
        }
    }

    private readonly struct BlockKernel<TFold>(TFold fold, float* x, long count, long block, float* partial) : IRangeKernel
        where TFold : struct, IFold
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long b = start; b < end; b++)
                partial[b] = Row<T, TFold>(fold, x + b * block, Math.Min(block, count - b * block));
        }
    }

    /// <summary>sums[i] = fold over the rows of x[row, i], for at most <see cref="ColumnBlock"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Columns<T, TFold>(TFold fold, float* x, long rows, long stride, float* sums, int columns)
        where T : struct, ILanes<T>
        where TFold : struct, IFold
    {
        new Span<float>(sums, columns).Fill(fold.Empty);
        for (long row = 0; row < rows; row += RowGroup)
            AddRows<T, TFold>(fold, x + row * stride, (int)Math.Min(RowGroup, rows - row), stride, sums, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows<T, TFold>(TFold fold, float* from, int rows, long stride, float* sums, int columns)
        where T : struct, ILanes<T>
        where TFold : struct, IFold
    {
        int i = 0;
        for (; i <= columns - T.Width; i += T.Width)
        {
            T sum = T.Load(from + i);
            for (int row = 1; row < rows; row++)
                sum = fold.Combine(sum, T.Load(from + row * stride + i));
            T.Store(sums + i, fold.Combine(T.Load(sums + i), sum));
        }
        int rest = columns - i;
        if (rest > 0)
        {
            T sum = T.LoadPartial(from + i, rest);
            for (int row = 1; row < rows; row++)
                sum = fold.Combine(sum, T.LoadPartial(from + row * stride + i, rest));
            T.StorePartial(sums + i, fold.Combine(T.LoadPartial(sums + i, rest), sum), rest);
        }
    }

    private readonly struct ColumnKernel<TFold>(
        TFold fold, float* x, long count, long inner, long blocks, float* y, bool accumulate, float scale) : IRangeKernel
        where TFold : struct, IFold
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            float* sums = stackalloc float[ColumnBlock];
            for (long item = start; item < end; item++)
            {
                long o = item / blocks, first = (item - o * blocks) * ColumnBlock;
                int columns = (int)Math.Min(ColumnBlock, inner - first);
                Columns<T, TFold>(fold, x + o * count * inner + first, count, inner, sums, columns);
                float* to = y + o * inner + first;
                for (int i = 0; i < columns; i++)
                    to[i] = accumulate ? to[i] + scale * sums[i] : scale * sums[i];
            }
        }
    }
}
