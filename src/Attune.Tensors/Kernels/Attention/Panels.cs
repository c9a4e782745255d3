using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// Small products whose right operands are packed in panels and whose results have room for whole panels, so that no tile has a partly
/// used register: the columns that fill the last panel are zero.
/// </summary>
internal static unsafe class Panels
{
    /// <summary><paramref name="columns"/> rounded up to whole panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded<T>(int columns)
        where T : struct, ILanes<T> => (columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns * Tiles<T>.Columns;

    /// <summary>Packs a matrix [rows, columns] whose rows are <paramref name="stride"/> floats apart.</summary>
    public static void Pack<T>(float* source, int stride, int rows, int columns, float* target)
        where T : struct, ILanes<T> => Gemm.Gemm.PackSmall<T>(new MatrixView(source, rows, columns, stride), target);

    /// <summary>Packs the transpose of a matrix [columns, rows] whose rows are <paramref name="stride"/> floats apart.</summary>
    public static void PackTransposed<T>(float* source, int stride, int rows, int columns, float* target)
        where T : struct, ILanes<T> => Gemm.Gemm.PackSmall<T>(new MatrixView(source, columns, rows, stride).Transposed, target);

    /// <summary>
    /// C (+)= A B with A [rows, depth] (or, <paramref name="transposed"/>, [depth, rows]) and B the first rows and columns of
    /// panels that are <paramref name="panelDepth"/> rows deep.
    /// </summary>
    public static void Multiply<T>(
        int rows, int columns, int depth, float* a, int aStride, bool transposed, float* b, int panelDepth, float* c, int cStride,
        bool accumulate)
        where T : struct, ILanes<T>
    {
        int padded = Padded<T>(columns);
        MatrixView left = transposed ? new MatrixView(a, depth, rows, aStride).Transposed : new MatrixView(a, rows, depth, aStride);
        var right = new RightOperand(b, (nint)panelDepth * Tiles<T>.Columns, depth, padded);
        Gemm.Gemm.MultiplySmall<T>(left, right, new MatrixView(c, rows, padded, cStride), accumulate);
    }

    /// <summary>Puts the first columns of a result, times a factor, where they are wanted, or adds them to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(float* source, int sourceStride, float scale, float* target, int stride, int rows, int width, bool accumulate)
        where T : struct, ILanes<T>
    {
        T factor = T.Broadcast(scale);
        for (int row = 0; row < rows; row++)
        {
            float* from = source + (long)row * sourceStride;
            float* to = target + (long)row * stride;
            for (int column = 0; column < width; column += T.Width)
            {
                int lanes = Math.Min(T.Width, width - column);
                T value = T.Load(from + column) * factor;
                T.StorePartial(to + column, accumulate ? T.LoadPartial(to + column, lanes) + value : value, lanes);
            }
        }
    }
}
