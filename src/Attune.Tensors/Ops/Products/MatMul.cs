using Attune.Tensors.Autograd;
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
        if (!tape.Computes(sizes.Batch * sizes.M * sizes.N * sizes.K))
            return output;

        for (long i = 0; i < sizes.Batch; i++)
            Gemm.Multiply(sizes.A(a.Pointer, i), sizes.B(b.Pointer, i), sizes.C(output.Pointer, i));
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            if (a.RequiresGradient)
            {
                float* target = a.Gradient!.Target(out bool accumulate);
                for (long i = 0; i < sizes.Batch; i++)
                {
                    MatrixView c = sizes.C(gradient, i), other = sizes.B(b.Pointer, i).Transposed, to = sizes.A(target, i);
                    Product(c, other, to, accumulate || (i > 0 && sizes.SharedA));
                }
            }
            if (b.RequiresGradient)
            {
                float* target = b.Gradient!.Target(out bool accumulate);
                for (long i = 0; i < sizes.Batch; i++)
                {
                    MatrixView c = sizes.C(gradient, i), other = sizes.A(a.Pointer, i).Transposed, to = sizes.B(target, i);
                    Product(other, c, to, accumulate || (i > 0 && sizes.SharedB));
                }
            }
        });
        return output;
    }

    /// <summary>A product into a place that may be seen transposed: then both factors are exchanged and transposed instead.</summary>
    private static void Product(in MatrixView left, in MatrixView right, in MatrixView target, bool accumulate)
    {
        if (target.IsTransposed)
            Gemm.Multiply(right.Transposed, left.Transposed, target.Transposed, accumulate);
        else
            Gemm.Multiply(left, right, target, accumulate);
    }

    private readonly record struct Sizes(Shape Output, long Batch, int M, int N, int K, bool TransposeA, bool TransposeB, bool SharedA, bool SharedB)
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

        public MatrixView A(float* data, long i) => View(data + (SharedA ? 0 : i * M * K), M, K, TransposeA);

        public MatrixView B(float* data, long i) => View(data + (SharedB ? 0 : i * K * N), K, N, TransposeB);

        public MatrixView C(float* data, long i) => new(data + i * M * N, M, N);

        private static MatrixView View(float* data, int rows, int columns, bool transposed) =>
            transposed ? new MatrixView(data, columns, rows).Transposed : new MatrixView(data, rows, columns);
    }
}
