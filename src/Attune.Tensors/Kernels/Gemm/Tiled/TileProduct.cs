using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>Computes one tile of any size with the register tile that fits it.</summary>
internal static unsafe class TileProduct
{
    /// <summary>C (+)= A B for a tile; <paramref name="b"/> must be readable up to whole registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(
        int rows, int columns, int depth, float* a, nint aStride, bool alongDepth, float* b, nint bStride,
        float* c, nint cStride, bool accumulate)
        where T : struct, ILanes<T>
    {
        if (columns % T.Width == 0)
            Tiles<T>.Kernel(rows, columns, alongDepth)(depth, a, aStride, b, bStride, c, cStride, accumulate);
        else
            RunPart<T>(rows, columns, depth, a, aStride, alongDepth, b, bStride, c, cStride, accumulate);
    }

    /// <summary>A tile whose last register of columns is only partly in C: computed aside, then the part is copied.</summary>
    private static void RunPart<T>(
        int rows, int columns, int depth, float* a, nint aStride, bool alongDepth, float* b, nint bStride,
        float* c, nint cStride, bool accumulate)
        where T : struct, ILanes<T>
    {
        var tile = stackalloc float[Tiles<T>.Rows * Tiles<T>.Columns];
        nint width = Tiles<T>.Columns;
        Tiles<T>.Kernel(rows, columns, alongDepth)(depth, a, aStride, b, bStride, tile, width, false);
        for (nint row = 0; row < rows; row++)
        {
            for (nint column = 0; column < columns; column++)
            {
                var value = tile[(row * width) + column];
                c[(row * cStride) + column] = accumulate ? c[(row * cStride) + column] + value : value;
            }
        }
    }
}
