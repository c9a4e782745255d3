using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Inner products of contiguous rows.</summary>
internal static unsafe class DotProduct
{
    /// <summary>The sum of a[i] * b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Row<T>(float* a, float* b, long count)
        where T : struct, ILanes<T>
    {
        T even = T.Zero, odd = T.Zero;
        long i = 0;
        for (; i <= count - 2 * T.Width; i += 2 * T.Width)
        {
            even = T.Fma(T.Load(a + i), T.Load(b + i), even);
            odd = T.Fma(T.Load(a + i + T.Width), T.Load(b + i + T.Width), odd);
        }
        for (; i < count; i += T.Width)
        {
            int rest = (int)Math.Min(T.Width, count - i);
            even = T.Fma(T.LoadPartial(a + i, rest), T.LoadPartial(b + i, rest), even);
        }
        return T.Sum(even + odd);
    }
}
