using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Brings the rows of each segment down to one row, and back.</summary>
internal static unsafe class SegmentPooling
{
    /// <summary>y[s, i] = fold over the rows r of segment s of x[r, i], divided by their number if <paramref name="mean"/>.</summary>
    public static void Run<TFold>(TFold fold, float* x, Segments segments, int width, float* y, bool mean)
        where TFold : struct, IFold
    {
        long blocks = (width + Reduction.ColumnBlock - 1) / Reduction.ColumnBlock;
        RangeKernel.Run(segments.Count * blocks, 1, new PoolKernel<TFold>(fold, x, segments, width, blocks, y, mean));
    }

    /// <summary>y[r] = x[segment of r], divided by the length of the segment if <paramref name="mean"/>; or adds it.</summary>
    public static void Repeat(float* x, Segments segments, int width, float* y, bool mean, bool accumulate) =>
        RangeKernel.Run(segments.Count, 1, new RepeatKernel(x, segments, width, y, mean, accumulate));

    /// <summary>Adds the gradient of each maximum to the first row of the segment that holds it.</summary>
    public static void MaxBackward(float* x, float* maxima, float* gradient, float* target, Segments segments, int width) =>
        RangeKernel.Run(segments.Count, 1, new MaxKernel(x, maxima, gradient, target, segments, width));

    private readonly struct PoolKernel<TFold>(TFold fold, float* x, Segments segments, long width, long blocks, float* y, bool mean) : IRangeKernel
        where TFold : struct, IFold
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long item = start; item < end; item++)
            {
                int segment = (int)(item / blocks);
                long first = (item - segment * blocks) * Reduction.ColumnBlock;
                int columns = (int)Math.Min(Reduction.ColumnBlock, width - first);
                int rows = segments.Length(segment);
                float* to = y + segment * width + first;
                Reduction.Columns<T, TFold>(fold, x + segments.Start(segment) * width + first, rows, width, to, columns);
                if (!mean || rows == 0)
                    continue;
                for (int i = 0; i < columns; i++)
                    to[i] /= rows;
            }
        }
    }

    private readonly struct RepeatKernel(float* x, Segments segments, long width, float* y, bool mean, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long item = start; item < end; item++)
            {
                int segment = (int)item, rows = segments.Length(segment);
                float scale = mean ? 1f / rows : 1;
                float* from = x + item * width;
                float* to = y + segments.Start(segment) * width;
                for (int row = 0; row < rows; row++, to += width)
                {
                    for (long i = 0; i < width; i++)
                        to[i] = accumulate ? to[i] + scale * from[i] : scale * from[i];
                }
            }
        }
    }

    private readonly struct MaxKernel(float* x, float* maxima, float* gradient, float* target, Segments segments, long width) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long item = start; item < end; item++)
            {
                long first = segments.Start((int)item) * width, row = item * width;
                Kernels.MaxBackward.Columns(x + first, maxima + row, gradient + row, target + first, segments.Length((int)item), width);
            }
        }
    }
}
