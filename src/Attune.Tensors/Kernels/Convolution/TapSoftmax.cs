using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;

namespace Attune.Tensors.Kernels;

/// <summary>Softmax over the taps of predicted kernels.</summary>
internal static unsafe class TapSoftmax
{
    public static void Forward(float* x, int heads, Segments segments, ConvolutionWindow window, TapSelection selection, float* y) =>
        RangeKernel.Run(segments.Rows, RangeKernel.Rows(heads * window.Taps), new ForwardKernel(x, heads, segments, window, selection, y));

    /// <summary>dx = y (dy - y . dy). Taps that took no part have y = 0 and so get nothing.</summary>
    public static void Backward(float* y, float* gradient, long kernels, int taps, float* target, bool accumulate) =>
        RangeKernel.Run(kernels, RangeKernel.Rows(taps), new BackwardKernel(y, gradient, taps, target, accumulate));

    private readonly struct ForwardKernel(float* x, int heads, Segments segments, ConvolutionWindow window, TapSelection selection, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int taps = window.Taps;
            var runs = new SegmentRuns(segments, (int)start, (int)end);
            while (runs.MoveNext())
            {
                SegmentRun run = runs.Current;
                for (int row = run.Start; row < run.Start + run.Count; row++)
                {
                    (int first, int last) = Part(row - run.SegmentStart, run.SegmentEnd - run.SegmentStart);
                    for (int head = 0; head < heads; head++)
                    {
                        long offset = ((long)row * heads + head) * taps;
                        new Span<float>(y + offset, taps).Clear();
                        Normalize<T>(x + offset + first, y + offset + first, last - first);
                    }
                }
            }
        }

        private (int First, int Last) Part(int position, int length) => selection switch
        {
            TapSelection.CutToLength when window.Left == window.Taps - 1 => (Math.Max(0, window.Taps - length), window.Taps),
            TapSelection.InsideSequence => window.Inside(position, length),
            _ => (0, window.Taps),
        };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Normalize<T>(float* from, float* to, int count)
            where T : struct, ILanes<T>
        {
            T largest = T.Broadcast(float.NegativeInfinity);
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                largest = T.Max(largest, T.Select(T.FirstLanes(lanes), T.LoadPartial(from + i, lanes), largest));
            }
            T shift = T.Broadcast(T.MaxAcross(largest)), sum = T.Zero;
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                T value = LaneMath.Exp(T.LoadPartial(from + i, lanes) - shift) & T.FirstLanes(lanes);
                sum += value;
                T.StorePartial(to + i, value, lanes);
            }
            T factor = T.Broadcast(1 / T.Sum(sum));
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                T.StorePartial(to + i, factor * T.LoadPartial(to + i, lanes), lanes);
            }
        }
    }

    private readonly struct BackwardKernel(float* y, float* gradient, int taps, float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long kernel = start; kernel < end; kernel++)
            {
                float* weight = y + kernel * taps;
                float* above = gradient + kernel * taps;
                float* to = target + kernel * taps;
                T mean = T.Broadcast(DotProduct.Row<T>(weight, above, taps));
                for (int i = 0; i < taps; i += T.Width)
                {
                    int lanes = Math.Min(T.Width, taps - i);
                    T value = T.LoadPartial(weight + i, lanes) * (T.LoadPartial(above + i, lanes) - mean);
                    T.StorePartial(to + i, accumulate ? value + T.LoadPartial(to + i, lanes) : value, lanes);
                }
            }
        }
    }
}
