using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Lanes;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tensors.Kernels;

/// <summary>Matrices of one shape, one after the other.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Stride">Floats from one to the next; 0 if all are the same one.</param>
internal readonly unsafe record struct MatrixBatch(MatrixView First, long Stride)
{
    /// <summary>All of them with rows and columns exchanged.</summary>
    public MatrixBatch Transposed => this with { First = First.Transposed };

    /// <summary>The matrix number <paramref name="index"/>.</summary>
    public MatrixView At(long index)
    {
        MatrixView first = First.IsTransposed ? First.Transposed : First;
        var view = new MatrixView(first.Data + index * Stride, first.Rows, first.Columns, first.Stride);
        return First.IsTransposed ? view.Transposed : view;
    }
}

/// <summary>Products of many pairs of matrices.</summary>
internal static class BatchedProduct
{
    // Below this many multiply-adds, handing one product to all workers costs more than it gains: the products are handed out instead.
    private const long SmallProduct = 1 << 18;

    /// <summary>
    /// C[i] = A[i] B[i] for <paramref name="count"/> pairs, or adds them. Into a C that is the same one for all, the products add up in order. A C
    /// that is seen transposed is filled by the product of the exchanged, transposed factors.
    /// </summary>
    public static void Run(long count, MatrixBatch a, MatrixBatch b, MatrixBatch c, bool accumulate)
    {
        if (c.First.IsTransposed)
        {
            Run(count, b.Transposed, a.Transposed, c.Transposed, accumulate);
            return;
        }
        long size = (long)c.First.Rows * c.First.Columns * a.First.Columns;
        if (count > 1 && c.Stride != 0 && size is > 0 and <= SmallProduct)
        {
            RangeKernel.Run(count, Math.Max(1, SmallProduct / size), new SmallKernel(a, b, c, accumulate));
            return;
        }
        for (long i = 0; i < count; i++)
            Product.Multiply(a.At(i), b.At(i), c.At(i), accumulate || (i > 0 && c.Stride == 0));
    }

    private readonly struct SmallKernel(MatrixBatch a, MatrixBatch b, MatrixBatch c, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long i = start; i < end; i++)
                Product.MultiplySmall<T>(a.At(i), b.At(i), c.At(i), accumulate);
        }
    }
}
