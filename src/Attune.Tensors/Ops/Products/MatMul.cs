using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Gemm;

namespace Attune.Tensors.Ops;

/// <summary>Products of matrices.</summary>
public static unsafe class MatMulOperation
{
    /// <summary>
    /// The products of the last two axes: <c>[.., m, k]</c> times <c>[.., k, n]</c> gives <c>[.., m, n]</c>. The axes before are either the
    /// same in both, or absent in one, which then takes part in every product.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="a">The left factors.</param>
    /// <param name="b">The right factors.</param>
    /// <param name="transposeA">Whether <paramref name="a"/> holds <c>[.., k, m]</c>.</param>
    /// <param name="transposeB">Whether <paramref name="b"/> holds <c>[.., n, k]</c>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MatMul(this Tape tape, Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        var sizes = Sizes.Of(a.Shape, b.Shape, transposeA, transposeB);
        Tensor output = tape.Allocate(sizes.Output, a.RequiresGradient || b.RequiresGradient);
        if (!tape.Computes(sizes.Count * sizes.M * sizes.N * sizes.K))
            return output;

        BatchedProduct.Run(sizes.Count, sizes.A(a.Pointer), sizes.B(b.Pointer), sizes.C(output.Pointer), accumulate: false);
        tape.Record(output, () =>
        {
            MatrixBatch gradient = sizes.C(output.Gradient!.Pointer);
            if (a.RequiresGradient)
            {
                MatrixBatch target = sizes.A(a.Gradient!.Target(out bool accumulate));
                BatchedProduct.Run(sizes.Count, gradient, sizes.B(b.Pointer).Transposed, target, accumulate);
            }
            if (b.RequiresGradient)
            {
                MatrixBatch target = sizes.B(b.Gradient!.Target(out bool accumulate));
                BatchedProduct.Run(sizes.Count, sizes.A(a.Pointer).Transposed, gradient, target, accumulate);
            }
        });
        return output;
    }

    private readonly record struct Sizes(Shape Output, long Count, int M, int N, int K, bool TransposeA, bool TransposeB, bool SharedA, bool SharedB)
    {
        public static Sizes Of(Shape a, Shape b, bool transposeA, bool transposeB)
        {
            if (a.Rank < 2 || b.Rank < 2)
                throw new ArgumentException($"MatMul: both factors need at least two axes; their shapes are {a} and {b}.", nameof(a));
            int m = a[transposeA ? -1 : -2], k = a[transposeA ? -2 : -1], depth = b[transposeB ? -1 : -2], n = b[transposeB ? -2 : -1];
            if (k != depth)
                throw new ArgumentException(
                    $"MatMul: the inner extents of {a}{(transposeA ? " (transposed)" : "")} and {b}{(transposeB ? " (transposed)" : "")} differ: {k} and {depth}.",
                    nameof(b));
            Shape outer = a.Rank > 2 ? a : b;
            bool same = a.Rank == b.Rank;
            for (int axis = 0; same && axis < a.Rank - 2; axis++)
                same = a[axis] == b[axis];
            if (!same && a.Rank != 2 && b.Rank != 2)
                throw new ArgumentException($"MatMul: the axes before the last two of {a} and {b} differ; they must be equal, or absent in one.", nameof(b));
            Span<int> extents = stackalloc int[outer.Rank];
            long batch = 1;
            for (int axis = 0; axis < outer.Rank - 2; axis++)
                batch *= extents[axis] = outer[axis];
            extents[^2] = m;
            extents[^1] = n;
            return new Sizes(Shape.Of(extents), batch, m, n, k, transposeA, transposeB, a.Rank == 2, b.Rank == 2);
        }

        public MatrixBatch A(float* data) => Batch(data, M, K, TransposeA, SharedA);

        public MatrixBatch B(float* data) => Batch(data, K, N, TransposeB, SharedB);

        public MatrixBatch C(float* data) => Batch(data, M, N, false, false);

        private static MatrixBatch Batch(float* data, int rows, int columns, bool transposed, bool shared) => new(
            transposed ? new MatrixView(data, columns, rows).Transposed : new MatrixView(data, rows, columns), shared ? 0 : (long)rows * columns);
    }
}
