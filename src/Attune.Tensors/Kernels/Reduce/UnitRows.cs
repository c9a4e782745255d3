using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>y = x / max(|x|, epsilon), row by row.</summary>
internal static unsafe class UnitRows
{
    public static void Forward(float* x, long rows, long width, float epsilon, float* y) =>
        RangeKernel.Run(rows, RangeKernel.Rows(width), new ForwardKernel(x, width, epsilon, y));

    /// <summary>dx = (dy - y (y . dy)) / |x|; the direction does not count for a row that epsilon divided.</summary>
    public static void Backward(float* x, float* y, float* gradient, long rows, long width, float epsilon, float* target, bool accumulate) =>
        RangeKernel.Run(rows, RangeKernel.Rows(width), new BackwardKernel(x, y, gradient, width, epsilon, target, accumulate));

    private readonly struct ForwardKernel(float* x, long width, float epsilon, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long row = start; row < end; row++)
            {
                float* from = x + row * width;
                float* to = y + row * width;
                T factor = T.Broadcast(1 / Math.Max(MathF.Sqrt(DotProduct.Row<T>(from, from, width)), epsilon));
                for (long i = 0; i < width; i += T.Width)
                {
                    int count = (int)Math.Min(T.Width, width - i);
                    T.StorePartial(to + i, factor * T.LoadPartial(from + i, count), count);
                }
            }
        }
    }

    private readonly struct BackwardKernel(float* x, float* y, float* gradient, long width, float epsilon, float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long row = start; row < end; row++)
            {
                float* unit = y + row * width;
                float* above = gradient + row * width;
                float* to = target + row * width;
                float norm = MathF.Sqrt(DotProduct.Row<T>(x + row * width, x + row * width, width));
                T along = T.Broadcast(norm > epsilon ? DotProduct.Row<T>(unit, above, width) : 0);
                T factor = T.Broadcast(1 / Math.Max(norm, epsilon));
                for (long i = 0; i < width; i += T.Width)
                {
                    int count = (int)Math.Min(T.Width, width - i);
                    T value = factor * T.FmaNegated(T.LoadPartial(unit + i, count), along, T.LoadPartial(above + i, count));
                    T.StorePartial(to + i, accumulate ? value + T.LoadPartial(to + i, count) : value, count);
                }
            }
        }
    }
}
