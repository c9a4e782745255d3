using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Applies a formula to every element.</summary>
internal static unsafe class Elementwise
{
    /// <summary>y = f(x), or y += f(x).</summary>
    public static void Map<TFormula>(TFormula f, float* x, float* y, long count, bool accumulate = false)
        where TFormula : struct, IUnaryFormula
        => RangeKernel.Run(count, RangeKernel.Grain, new MapKernel<TFormula>(f, x, y, accumulate));

    /// <summary>y = f(a, b), or y += f(a, b), over contiguous operands of one size.</summary>
    public static void Zip<TFormula>(TFormula f, float* a, float* b, float* y, long count, bool accumulate = false)
        where TFormula : struct, IBinaryFormula
        => RangeKernel.Run(count, RangeKernel.Grain, new ZipKernel<TFormula>(f, a, b, y, BroadcastLayout.Flat(count), accumulate));

    /// <summary>
    /// y = f(a, b), or y += f(a, b), where y has the shape <paramref name="shape"/> and the operands repeat along axes where theirs are 1.
    /// </summary>
    public static void Zip<TFormula>(
        TFormula f, float* a, Shape shapeA, float* b, Shape shapeB, float* y, Shape shape, bool accumulate = false)
        where TFormula : struct, IBinaryFormula
        => RangeKernel.Run(
            shape.Count, RangeKernel.Grain, new ZipKernel<TFormula>(f, a, b, y, BroadcastLayout.Of(shape, shapeA, shapeB), accumulate));

    /// <summary>y += x.</summary>
    public static void Accumulate(float* x, float* y, long count) => Zip(default(AddFormula), x, y, y, count);

    private readonly struct MapKernel<TFormula>(TFormula f, float* x, float* y, bool accumulate) : IRangeKernel
        where TFormula : struct, IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            TFormula formula = f;
            float* from = x, to = y;
            bool add = accumulate;
            long i = start;
            for (; i <= end - T.Width; i += T.Width)
            {
                T value = formula.Apply(T.Load(from + i));
                T.Store(to + i, add ? T.Load(to + i) + value : value);
            }
            int rest = (int)(end - i);
            if (rest > 0)
            {
                T value = formula.Apply(T.LoadPartial(from + i, rest));
                T.StorePartial(to + i, add ? T.LoadPartial(to + i, rest) + value : value, rest);
            }
        }
    }

    private readonly struct ZipKernel<TFormula>(TFormula f, float* a, float* b, float* y, BroadcastLayout layout, bool accumulate) : IRangeKernel
        where TFormula : struct, IBinaryFormula
    {
        private readonly BroadcastLayout layout = layout;

        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            long width = layout.Width;
            long row = start / width, column = start - row * width;
            while (start < end)
            {
                (long offsetA, long offsetB) = layout.Offsets(row);
                long count = Math.Min(width - column, end - start);
                Row<T>(
                    a + offsetA + (layout.RepeatsA ? 0 : column), layout.RepeatsA, b + offsetB + (layout.RepeatsB ? 0 : column), layout.RepeatsB,
                    y + start, count);
                start += count;
                row++;
                column = 0;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Row<T>(float* left, bool repeatLeft, float* right, bool repeatRight, float* to, long count)
            where T : struct, ILanes<T>
        {
            TFormula formula = f;
            bool add = accumulate;
            T onlyLeft = T.Broadcast(*left), onlyRight = T.Broadcast(*right);
            long i = 0;
            for (; i <= count - T.Width; i += T.Width)
            {
                T value = formula.Apply(repeatLeft ? onlyLeft : T.Load(left + i), repeatRight ? onlyRight : T.Load(right + i));
                T.Store(to + i, add ? T.Load(to + i) + value : value);
            }
            int rest = (int)(count - i);
            if (rest > 0)
            {
                T value = formula.Apply(
                    repeatLeft ? onlyLeft : T.LoadPartial(left + i, rest), repeatRight ? onlyRight : T.LoadPartial(right + i, rest));
                T.StorePartial(to + i, add ? T.LoadPartial(to + i, rest) + value : value, rest);
            }
        }
    }
}
