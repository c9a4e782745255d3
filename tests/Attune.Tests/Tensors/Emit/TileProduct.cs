using Attune.Tensors;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Xunit;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tests.Tensors.Emit;

/// <summary>Whole products through given tiles, and through those of this machine.</summary>
internal static unsafe class TileProduct
{
    /// <summary>Rows, columns and depths: whole tiles, parts of tiles and panels, sums of one step and of several that end in the middle of one.</summary>
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 32, 32, 64 }, { 33, 40, 65 }, { 8, 7, 3 }, { 70, 130, 200 }, { 64, 64, 128 }, { 1, 300, 90 }, { 2, 96, 33 },
    };

    /// <summary>A product of random matrices, the same at every call; without tiles those of this machine are taken.</summary>
    public static float[] Multiply(int rows, int columns, int depth, bool accumulate, GroupTiles? tiles, GroupKind kind)
    {
        var random = new Random(rows);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 0.8))];
        float[] a = Values(rows * depth), b = Values(depth * columns), c = Values(rows * columns);
        fixed (float* x = a, y = b, z = c)
        {
            MatrixView left = new(x, rows, depth), right = new(y, depth, columns), target = new(z, rows, columns);
            if (tiles is { } given)
                GroupedProduct.Multiply(kind, given, left, right, target, accumulate, default(NoEpilogue));
            else
                Product.Multiply(kind == GroupKind.Bytes ? Precision.Int8 : Precision.BFloat16, left, right, target, accumulate, default(NoEpilogue));
        }

        return c;
    }
}
