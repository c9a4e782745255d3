using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>The product of matrices so small, or with so few rows, that tiles read the operands where they lie.</summary>
internal static unsafe class DirectProduct
{
    /// <summary>Panels of A and of B in an item of work.</summary>
    private const int ItemRowPanels = 6;
    private const int ItemColumnPanels = 4;

    /// <summary>Floats between rows, and their multiples, that fall on the same cache sets.</summary>
    private const int CollidingStride = 512;

    /// <summary>Rows that fit into one cache set together.</summary>
    private const int FreeRows = 6;

    /// <summary>Rows copied in an item of work.</summary>
    private const int SpreadRows = 32;

    /// <summary>Terms of the sum that are added before the next are looked at: what is read of A then stays in the cache.</summary>
    private const int DepthBlock = 768;

    /// <summary>C (+)= A B, then the epilogue, with the columns shared out over the workers.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns]: packed, or with its columns consecutive in memory.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var left = WouldCollide(a) ? Spread(a) : a;
        var panels = (c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns;
        var columnGroups = Split.AtMost(panels, ItemColumnPanels);
        var rowGroups = Split.AtMost(c.Rows, ItemRowPanels * Tiles<T>.Rows);
        Workers.For(columnGroups.Parts * rowGroups.Parts, new Job<T, E>(left, b, c, accumulate, columnGroups, rowGroups, epilogue));
    }

    /// <summary>
    /// True if the rows of A that a tile reads in turn start a multiple of half a page apart and so compete for a few lines of the cache.
    /// </summary>
    private static bool WouldCollide(in MatrixView a) => !a.IsTransposed && a.Stride % CollidingStride == 0 && a.Rows > FreeRows;

    /// <summary>A copy of A whose rows spread over the cache.</summary>
    private static MatrixView Spread(in MatrixView a)
    {
        nint stride = a.Columns + Packing.RowGap;
        var target = ThreadScratch.Shared(a.Rows * stride);
        Workers.ForRanges(a.Rows, SpreadRows, new SpreadJob(a, target, stride));
        return new MatrixView(target, a.Rows, a.Columns, stride);
    }

    /// <summary>C (+)= A B for the panels of B from <paramref name="first"/> to before <paramref name="last"/>, on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<T>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, int first, int last)
        where T : struct, ILanes<T>
    {
        var width = Tiles<T>.Columns;
        var rowPanels = Split.AtMost(c.Rows, Tiles<T>.Rows);
        var depthBlocks = Split.AtMost(b.Depth, DepthBlock);
        for (var block = 0; block < depthBlocks.Parts; block++)
        {
            var depthStart = depthBlocks.Start(block);
            var depth = depthBlocks.Size(block);
            for (var panel = first; panel < last; panel++)
            {
                var column = panel * width;
                var columns = Math.Min(width, c.Columns - column);
                float* source;
                nint stride = width;
                if (b.IsPacked)
                {
                    source = b.Panels + (panel * b.PanelStride) + (depthStart * (nint)width);
                }
                else if (columns % T.Width == 0)
                {
                    source = b.Matrix.At(depthStart, column);
                    stride = b.Matrix.Stride;
                }
                else
                {
                    // The tile reads whole registers, which would lie beyond the end of B.
                    source = ThreadScratch.Own((long)depth * width);
                    Packing.PackB<T>(b.Matrix, column, columns, depthStart, depth, source, 0);
                }

                for (var rowPanel = 0; rowPanel < rowPanels.Parts; rowPanel++)
                {
                    var row = rowPanels.Start(rowPanel);
                    TileProduct.Run<T>(
                        rowPanels.Size(rowPanel), columns, depth, a.At(row, depthStart), a.Stride, !a.IsTransposed,
                        source, stride, c.At(row, column), c.Stride, accumulate || block > 0);
                }
            }
        }
    }

    private readonly struct SpreadJob(MatrixView a, float* target, nint stride) : IRangeJob
    {
        private readonly MatrixView a = a;

        public void Run(int start, int end) => Packing.PackRows(a, start, end - start, 0, a.Columns, target + (start * stride), stride);
    }

    private readonly struct Job<T, E>(
        MatrixView a, RightOperand b, MatrixView c, bool accumulate, Split columnGroups, Split rowGroups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly RightOperand b = b;
        private readonly MatrixView c = c;
        private readonly E epilogue = epilogue;

        public void Run(int item)
        {
            // Rows vary fastest: the strip of B is still in this core's cache from the item before.
            var rowGroup = item % rowGroups.Parts;
            var columnGroup = item / rowGroups.Parts;
            var row = rowGroups.Start(rowGroup);
            var rows = rowGroups.Size(rowGroup);
            var first = columnGroups.Start(columnGroup);
            var last = columnGroups.Start(columnGroup + 1);
            var block = c.Block(row, 0, rows, c.Columns);
            Panels<T>(a.Block(row, 0, rows, a.Columns), b, block, accumulate, first, last);
            var start = first * Tiles<T>.Columns;
            var columns = Math.Min(last * Tiles<T>.Columns, c.Columns) - start;
            epilogue.Apply<T>(block.At(0, start), c.Stride, row, start, rows, columns);
        }
    }
}
