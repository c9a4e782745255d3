using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Softmax;

/// <summary>The passes over one row that softmax, its logarithm and cross-entropy share.</summary>
internal static unsafe class SoftmaxRow
{
    /// <summary>The largest element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max<T>(float* input, int width)
        where T : struct, ILanes<T>
    {
        T lowest = T.Broadcast(float.NegativeInfinity);
        T even = lowest, odd = lowest;
        int column = 0;
        for (; column + 2 * T.Width <= width; column += 2 * T.Width)
        {
            even = T.Max(even, T.Load(input + column));
            odd = T.Max(odd, T.Load(input + column + T.Width));
        }
        for (; column < width; column += T.Width)
        {
            int lanes = Math.Min(T.Width, width - column);
            even = T.Max(even, T.Select(T.FirstLanes(lanes), T.LoadPartial(input + column, lanes), lowest));
        }
        return T.MaxAcross(T.Max(even, odd));
    }

    /// <summary>The sum of exp(x - max); the exponentials are kept in <paramref name="output"/> unless it is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials<T>(float* input, float max, float* output, int width)
        where T : struct, ILanes<T>
    {
        T shift = T.Broadcast(max);
        T even = T.Zero, odd = T.Zero;
        int column = 0;
        for (; column + 2 * T.Width <= width; column += 2 * T.Width)
        {
            T first = LaneMath.Exp(T.Load(input + column) - shift);
            T second = LaneMath.Exp(T.Load(input + column + T.Width) - shift);
            if (output is not null)
            {
                T.Store(output + column, first);
                T.Store(output + column + T.Width, second);
            }
            even += first;
            odd += second;
        }
        for (; column < width; column += T.Width)
        {
            int lanes = Math.Min(T.Width, width - column);
            T last = LaneMath.Exp(T.LoadPartial(input + column, lanes) - shift) & T.FirstLanes(lanes);
            if (output is not null)
                T.StorePartial(output + column, last, lanes);
            even += last;
        }
        return T.Sum(even + odd);
    }
}
