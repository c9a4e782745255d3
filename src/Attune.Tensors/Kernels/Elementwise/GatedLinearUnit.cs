using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>y = a * sigmoid(b) for rows that hold a and then b.</summary>
internal static unsafe class GatedLinearUnit
{
    /// <summary>Fills y <c>[rows, width]</c> from x <c>[rows, 2 * width]</c>.</summary>
    public static void Forward(float* x, long rows, long width, float* y) =>
        RangeKernel.Run(rows, RangeKernel.Rows(2 * width), new ForwardKernel(x, width, y));

    /// <summary>Fills (or adds to) the gradient of x. The gates are computed again: that costs less than to keep them.</summary>
    public static void Backward(float* x, float* gradient, long rows, long width, float* target, bool accumulate) =>
        RangeKernel.Run(rows, RangeKernel.Rows(3 * width), new BackwardKernel(x, gradient, width, target, accumulate));

    private readonly struct ForwardKernel(float* x, long width, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            long columns = width;
            for (long row = start; row < end; row++)
            {
                float* values = x + 2 * row * columns;
                float* gates = values + columns;
                float* to = y + row * columns;
                long i = 0;
                for (; i <= columns - T.Width; i += T.Width)
                    T.Store(to + i, T.Load(values + i) * LaneMath.Sigmoid(T.Load(gates + i)));
                int rest = (int)(columns - i);
                if (rest > 0)
                    T.StorePartial(to + i, T.LoadPartial(values + i, rest) * LaneMath.Sigmoid(T.LoadPartial(gates + i, rest)), rest);
            }
        }
    }

    private readonly struct BackwardKernel(float* x, float* gradient, long width, float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            long columns = width;
            bool add = accumulate;
            for (long row = start; row < end; row++)
            {
                float* values = x + 2 * row * columns;
                float* above = gradient + row * columns;
                float* to = target + 2 * row * columns;
                for (long i = 0; i < columns; i += T.Width)
                {
                    int count = (int)Math.Min(T.Width, columns - i);
                    T dy = T.LoadPartial(above + i, count);
                    T sigmoid = LaneMath.Sigmoid(T.LoadPartial(values + columns + i, count));
                    T toValue = dy * sigmoid;
                    T toGate = toValue * T.LoadPartial(values + i, count) * (T.Broadcast(1) - sigmoid);
                    if (add)
                    {
                        toValue += T.LoadPartial(to + i, count);
                        toGate += T.LoadPartial(to + columns + i, count);
                    }
                    T.StorePartial(to + i, toValue, count);
                    T.StorePartial(to + columns + i, toGate, count);
                }
            }
        }
    }
}
