using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>
/// The product of few rows with a B whose columns are rows in memory, as weights are kept: every element of C is a dot product of two
/// rows, B is read once, and nothing is packed.
/// </summary>
internal static unsafe class DotProduct
{
    /// <summary>Columns of C computed together.</summary>
    private const int TileColumns = 4;

    /// <summary>Columns of C in an item of work.</summary>
    private const int ItemColumns = 64;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    /// <param name="a">A [rows, depth], not transposed.</param>
    /// <param name="b">B [depth, columns], transposed.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var left = a;
        if (a.Rows > 1 && a.Stride % Packing.CollidingStride == 0)
        {
            // Rows of A and of B would compete for the same cache sets.
            nint stride = a.Columns + Packing.RowGap;
            var spread = ThreadScratch.Shared(a.Rows * stride);
            Packing.PackRows(a, 0, a.Rows, 0, a.Columns, spread, stride);
            left = new MatrixView(spread, a.Rows, a.Columns, stride);
        }

        var groups = Split.AtMost(c.Columns, ItemColumns);
        Workers.For(groups.Parts, new Job<T, E>(left, b, c, accumulate, groups, epilogue));
    }

    private readonly struct Job<T, E>(MatrixView a, MatrixView b, MatrixView c, bool accumulate, Split groups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly MatrixView b = b;
        private readonly MatrixView c = c;
        private readonly E epilogue = epilogue;

        public void Run(int item)
        {
            var start = groups.Start(item);
            var end = groups.Start(item + 1);
            var rowPanels = Split.AtMost(c.Rows, T.Width == 16 ? 6 : 2);
            var column = start;
            for (; column + TileColumns <= end; column += TileColumns)
                Columns<Four>(rowPanels, column);
            for (; column < end; column++)
                Columns<One>(rowPanels, column);
            epilogue.Apply<T>(c.At(0, start), c.Stride, 0, start, c.Rows, end - start);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Columns<N>(Split rowPanels, int column)
            where N : struct, ICount
        {
            var source = b.At(0, column);
            for (var panel = 0; panel < rowPanels.Parts; panel++)
            {
                var row = rowPanels.Start(panel);
                var left = a.At(row, 0);
                var target = c.At(row, column);
                switch (rowPanels.Size(panel))
                {
                    case 1:
                        DotKernel.Run<T, One, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                    case 2:
                        DotKernel.Run<T, Two, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                    case 3:
                        DotKernel.Run<T, Three, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                    case 4:
                        DotKernel.Run<T, Four, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                    case 5:
                        DotKernel.Run<T, Five, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                    default:
                        DotKernel.Run<T, Six, N>(b.Rows, left, a.Stride, source, b.Stride, target, c.Stride, accumulate);
                        break;
                }
            }
        }
    }
}
