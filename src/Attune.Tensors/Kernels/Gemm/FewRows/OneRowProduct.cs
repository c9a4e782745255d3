using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>
/// The product of one row with a B in the cache whose columns are rows in memory: nothing is packed, and B is read in the order in which it lies.
/// </summary>
/// <remarks>
/// Several rows of B at once, as <see cref="FewRowsKernel"/> reads them, come from the third-level cache at three quarters of its speed only:
/// the hardware looks ahead best in one.
/// </remarks>
internal static unsafe class OneRowProduct
{
    /// <summary>Columns of C in an item of work.</summary>
    private const int ItemColumns = 48;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    /// <param name="a">A [1, depth], not transposed.</param>
    /// <param name="b">B [depth, columns], transposed.</param>
    /// <param name="c">C [1, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var items = Split.AtMost(c.Columns, ItemColumns);
        Workers.For(items.Parts, new Job<T, E>(a, b, c, accumulate, items, epilogue));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<T>(int depth, int columns, float* a, float* b, nint bStride, float* c, bool accumulate)
        where T : struct, ILanes<T>
    {
        var rest = depth % T.Width;
        nint whole = depth - rest;
        for (; columns > 0; columns--, b += bStride, c++)
        {
            // One chain of additions would wait for itself.
            T sum0 = T.Zero, sum1 = T.Zero, sum2 = T.Zero, sum3 = T.Zero;
            nint k = 0;
            for (; k <= whole - (4 * T.Width); k += 4 * T.Width)
            {
                sum0 = T.Fma(T.Load(a + k), T.Load(b + k), sum0);
                sum1 = T.Fma(T.Load(a + k + T.Width), T.Load(b + k + T.Width), sum1);
                sum2 = T.Fma(T.Load(a + k + (2 * T.Width)), T.Load(b + k + (2 * T.Width)), sum2);
                sum3 = T.Fma(T.Load(a + k + (3 * T.Width)), T.Load(b + k + (3 * T.Width)), sum3);
            }

            for (; k < whole; k += T.Width)
                sum0 = T.Fma(T.Load(a + k), T.Load(b + k), sum0);
            if (rest > 0)
                sum1 = T.Fma(T.LoadPartial(a + k, rest), T.LoadPartial(b + k, rest), sum1);
            var sum = T.Sum(sum0 + sum1 + (sum2 + sum3));
            *c = accumulate ? *c + sum : sum;
        }
    }

    private readonly struct Job<T, E>(MatrixView a, MatrixView b, MatrixView c, bool accumulate, Split items, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly MatrixView b = b;
        private readonly MatrixView c = c;
        private readonly Split items = items;
        private readonly E epilogue = epilogue;

        public void Run(int item)
        {
            var start = items.Start(item);
            var columns = items.Size(item);
            var target = c.At(0, start);
            Multiply<T>(b.Rows, columns, a.Data, b.At(0, start), b.Stride, target, accumulate);
            epilogue.Apply<T>(target, c.Stride, 0, start, 1, columns);
        }
    }
}
