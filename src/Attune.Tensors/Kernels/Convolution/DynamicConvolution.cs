using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>
/// Convolution with kernels of their own at every position, within segments. An item of work is the rows of a tile by the channels of a
/// head; a tap's weight is one number for all of them, so the sums of up to four registers of channels stay in registers over all taps.
/// </summary>
internal static unsafe class DynamicConvolution
{
    private const int TileRows = 64;
    private const int Registers = 4;

    /// <summary>y[i, c] = sum over taps of kernels[i, h, tap] * x[i + offset, c].</summary>
    public static void Forward(float* x, float* kernels, int heads, Segments segments, int channels, ConvolutionWindow window, float* y) =>
        Run(new SumKernel(x, kernels, heads, channels, window, back: false, y, accumulate: false), heads, segments);

    /// <summary>dx[t, c] = sum over taps of kernels[t - offset, h, tap] * dy[t - offset, c], or adds it.</summary>
    public static void InputGradient(
        float* gradient, float* kernels, int heads, Segments segments, int channels, ConvolutionWindow window, float* target, bool accumulate) =>
        Run(new SumKernel(gradient, kernels, heads, channels, window, back: true, target, accumulate), heads, segments);

    /// <summary>dkernels[i, h, tap] = sum over the channels of the head of dy[i, c] * x[i + offset, c], or adds it.</summary>
    public static void KernelGradient(
        float* x, float* gradient, int heads, Segments segments, int channels, ConvolutionWindow window, float* target, bool accumulate) =>
        Run(new GradientKernel(x, gradient, heads, channels, window, target, accumulate), heads, segments);

    private static void Run<TKernel>(TKernel kernel, int heads, Segments segments)
        where TKernel : struct, IRowKernel
    {
        long tiles = (segments.Rows + TileRows - 1) / TileRows;
        RangeKernel.Run(tiles * heads, 1, new TileLoop<TKernel>(kernel, heads, segments));
    }

    /// <summary>What is done with one row and head.</summary>
    private interface IRowKernel
    {
        void Row<T>(in SegmentRun run, int row, int head)
            where T : struct, ILanes<T>;
    }

    /// <summary>The rows of tiles, head by head.</summary>
    private readonly struct TileLoop<TKernel>(TKernel kernel, int heads, Segments segments) : IRangeKernel
        where TKernel : struct, IRowKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long item = start; item < end; item++)
            {
                int tile = (int)(item / heads), head = (int)(item - (long)tile * heads);
                var runs = new SegmentRuns(segments, tile * TileRows, Math.Min((tile + 1) * TileRows, segments.Rows));
                while (runs.MoveNext())
                {
                    SegmentRun run = runs.Current;
                    for (int row = run.Start; row < run.Start + run.Count; row++)
                        kernel.Row<T>(run, row, head);
                }
            }
        }
    }

    private readonly struct SumKernel(
        float* source, float* kernels, int heads, int channels, ConvolutionWindow window, bool back, float* target, bool accumulate) : IRowKernel
    {
        public void Row<T>(in SegmentRun run, int row, int head)
            where T : struct, ILanes<T>
        {
            int share = channels / heads;
            for (int channel = 0; channel < share; channel += Registers * T.Width)
                Part<T>(run, row, head, head * share + channel, Math.Min(share - channel, Registers * T.Width));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Part<T>(in SegmentRun run, int row, int head, int column, int columns)
            where T : struct, ILanes<T>
        {
            // Backwards, a tap reads from where the same tap of another position read this one.
            ConvolutionWindow seen = back ? window.Mirrored : window;
            (int first, int last) = seen.Inside(row - run.SegmentStart, run.SegmentEnd - run.SegmentStart);
            int n0 = Math.Min(columns, T.Width), n1 = Math.Clamp(columns - T.Width, 0, T.Width);
            int n2 = Math.Clamp(columns - 2 * T.Width, 0, T.Width), n3 = Math.Clamp(columns - 3 * T.Width, 0, T.Width);
            T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
            for (int tap = first; tap < last; tap++)
            {
                int other = row + (tap - seen.Left) * seen.Dilation;
                float* from = source + (long)other * channels + column;
                T weight = T.Broadcast(kernels[((long)(back ? other : row) * heads + head) * seen.Taps + (back ? seen.Taps - 1 - tap : tap)]);
                if (n3 == T.Width)
                {
                    s0 = T.Fma(weight, T.Load(from), s0);
                    s1 = T.Fma(weight, T.Load(from + T.Width), s1);
                    s2 = T.Fma(weight, T.Load(from + 2 * T.Width), s2);
                    s3 = T.Fma(weight, T.Load(from + 3 * T.Width), s3);
                    continue;
                }
                s0 = T.Fma(weight, T.LoadPartial(from, n0), s0);
                if (n1 > 0)
                    s1 = T.Fma(weight, T.LoadPartial(from + T.Width, n1), s1);
                if (n2 > 0)
                    s2 = T.Fma(weight, T.LoadPartial(from + 2 * T.Width, n2), s2);
                if (n3 > 0)
                    s3 = T.Fma(weight, T.LoadPartial(from + 3 * T.Width, n3), s3);
            }
            float* to = target + (long)row * channels + column;
            Put(to, s0, n0);
            Put(to + T.Width, s1, n1);
            Put(to + 2 * T.Width, s2, n2);
            Put(to + 3 * T.Width, s3, n3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Put<T>(float* to, T value, int lanes)
            where T : struct, ILanes<T>
        {
            if (lanes > 0)
                T.StorePartial(to, accumulate ? value + T.LoadPartial(to, lanes) : value, lanes);
        }
    }

    private readonly struct GradientKernel(
        float* x, float* gradient, int heads, int channels, ConvolutionWindow window, float* target, bool accumulate) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(in SegmentRun run, int row, int head)
            where T : struct, ILanes<T>
        {
            int share = channels / heads;
            float* above = gradient + (long)row * channels + head * share;
            float* to = target + ((long)row * heads + head) * window.Taps;
            (int first, int last) = window.Inside(row - run.SegmentStart, run.SegmentEnd - run.SegmentStart);
            for (int tap = 0; tap < window.Taps; tap++)
            {
                float* other = x + ((long)row + (tap - window.Left) * window.Dilation) * channels + head * share;
                float sum = tap >= first && tap < last ? DotProduct.Row<T>(above, other, share) : 0;
                to[tap] = accumulate ? to[tap] + sum : sum;
            }
        }
    }
}
