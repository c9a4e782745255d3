using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// Right operands of small products, in panels of two registers of columns: panel <c>p</c> holds, row after row, columns
/// <c>p * PanelWidth</c> to <c>(p + 1) * PanelWidth</c>, filled up with zeros.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>The columns of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Width<T>()
        where T : struct, ILanes<T> => 2 * T.Width;

    /// <summary><paramref name="columns"/> rounded up to whole panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded<T>(int columns)
        where T : struct, ILanes<T> => (columns + Width<T>() - 1) / Width<T>() * Width<T>();

    /// <summary>Packs a matrix [rows, columns] whose rows are <paramref name="stride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<T>(float* source, int stride, int rows, int columns, float* target)
        where T : struct, ILanes<T>
    {
        for (int first = 0; first < columns; first += Width<T>(), target += (long)rows * Width<T>())
        {
            int low = Math.Min(T.Width, columns - first);
            int high = Math.Clamp(columns - first - T.Width, 0, T.Width);
            for (int row = 0; row < rows; row++)
            {
                float* from = source + (long)row * stride + first;
                float* to = target + row * Width<T>();
                T.Store(to, T.LoadPartial(from, low));
                T.Store(to + T.Width, T.LoadPartial(from + T.Width, high));
            }
        }
    }

    /// <summary>Packs the transpose of a matrix [columns, rows] whose rows are <paramref name="stride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed<T>(float* source, int stride, int rows, int columns, float* target)
        where T : struct, ILanes<T>
    {
        for (int first = 0; first < columns; first += Width<T>(), target += (long)rows * Width<T>())
        {
            int filled = Math.Min(Width<T>(), columns - first);
            for (int column = 0; column < filled; column++)
            {
                float* from = source + (long)(first + column) * stride;
                float* to = target + column;
                for (int row = 0; row < rows; row++, to += Width<T>())
                    *to = from[row];
            }
            for (int column = filled; column < Width<T>(); column++)
            {
                float* to = target + column;
                for (int row = 0; row < rows; row++, to += Width<T>())
                    *to = 0;
            }
        }
    }

    /// <summary>
    /// C (+)= A B with A [rows, depth] (or, <paramref name="transposed"/>, [depth, rows]) and B [depth, columns] in panels; C has room for whole panels.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        int rows, int columns, int depth, float* a, int aStride, bool transposed, float* b, float* c, int cStride, bool accumulate)
        where T : struct, ILanes<T>
    {
        nint rowStep = transposed ? 1 : aStride, depthStep = transposed ? aStride : 1;
        for (int column = 0; column < columns; column += Width<T>(), b += (long)depth * Width<T>())
        {
            for (int row = 0; row < rows; row++)
            {
                float* target = c + (long)row * cStride + column;
                T low = accumulate ? T.Load(target) : T.Zero, high = accumulate ? T.Load(target + T.Width) : T.Zero;
                for (int step = 0; step < depth; step++)
                {
                    T factor = T.Broadcast(a[row * rowStep + step * depthStep]);
                    low = T.Fma(factor, T.Load(b + step * Width<T>()), low);
                    high = T.Fma(factor, T.Load(b + step * Width<T>() + T.Width), high);
                }
                T.Store(target, low);
                T.Store(target + T.Width, high);
            }
        }
    }
}
