using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;

namespace Attune.Tensors.Kernels;

/// <summary>The positions of an axis that one output averages.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">One past the last.</param>
/// <param name="Divisor">What their sum is divided by.</param>
internal readonly record struct PoolingRange(int Start, int End, int Divisor);

/// <summary>Means over rectangles of planes <c>[height, width]</c>.</summary>
internal static unsafe class MeanPooling
{
    /// <summary>The ranges of a moving window; padding counts in the divisor or does not, what lies beyond it never does.</summary>
    public static PoolingRange[] Sliding(SlidingWindow window, int extent, int outputs, bool countPadding)
    {
        var ranges = new PoolingRange[outputs];
        for (int o = 0; o < outputs; o++)
        {
            int start = o * window.Stride - window.Padding, end = start + window.Kernel;
            int first = Math.Max(start, 0), last = Math.Min(end, extent);
            ranges[o] = new PoolingRange(first, last, countPadding ? Math.Min(end, extent + window.Padding) - start : last - first);
        }
        return ranges;
    }

    /// <summary>Bins that cover the axis.</summary>
    public static PoolingRange[] Bins(int extent, int outputs)
    {
        var ranges = new PoolingRange[outputs];
        for (int o = 0; o < outputs; o++)
        {
            int start = (int)((long)o * extent / outputs), end = (int)(((long)(o + 1) * extent + outputs - 1) / outputs);
            ranges[o] = new PoolingRange(start, end, end - start);
        }
        return ranges;
    }

    public static void Forward(float* x, long planes, int height, int width, PoolingRange[] vertical, PoolingRange[] horizontal, float* y) =>
        RangeKernel.Run(planes, RangeKernel.Rows((long)height * width), new ForwardKernel(x, height, width, vertical, horizontal, y));

    public static void Backward(
        float* gradient, long planes, int height, int width, PoolingRange[] vertical, PoolingRange[] horizontal, float* target, bool accumulate) =>
        RangeKernel.Run(
            planes, RangeKernel.Rows((long)height * width), new BackwardKernel(gradient, height, width, vertical, horizontal, target, accumulate));

    private readonly struct ForwardKernel(float* x, int height, int width, PoolingRange[] vertical, PoolingRange[] horizontal, float* y) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            float* to = y + start * vertical.Length * horizontal.Length;
            for (long plane = start; plane < end; plane++)
            {
                float* from = x + plane * height * width;
                foreach (PoolingRange rows in vertical)
                {
                    foreach (PoolingRange columns in horizontal)
                    {
                        float sum = 0;
                        for (int row = rows.Start; row < rows.End; row++)
                        {
                            for (int column = columns.Start; column < columns.End; column++)
                                sum += from[row * width + column];
                        }
                        *to++ = sum / (rows.Divisor * columns.Divisor);
                    }
                }
            }
        }
    }

    private readonly struct BackwardKernel(
        float* gradient, int height, int width, PoolingRange[] vertical, PoolingRange[] horizontal, float* target, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            float* above = gradient + start * vertical.Length * horizontal.Length;
            for (long plane = start; plane < end; plane++)
            {
                float* to = target + plane * height * width;
                if (!accumulate)
                    new Span<float>(to, height * width).Clear();
                foreach (PoolingRange rows in vertical)
                {
                    foreach (PoolingRange columns in horizontal)
                    {
                        float share = *above++ / (rows.Divisor * columns.Divisor);
                        for (int row = rows.Start; row < rows.End; row++)
                        {
                            for (int column = columns.Start; column < columns.End; column++)
                                to[row * width + column] += share;
                        }
                    }
                }
            }
        }
    }
}
