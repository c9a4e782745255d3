using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>
/// The product of matrices that are worth packing: blocks of both operands are copied into the order of the register tile, then many
/// tiles are computed from each.
/// </summary>
/// <remarks>
/// The product is a sequence of steps, each for a block of columns, of terms of the sum and of rows. With a step's tiles the next step is
/// packed, so that workers meet once a step. The terms are added up in order: the bits of C do not depend on the number of threads.
/// </remarks>
internal static unsafe class BlockedProduct
{
    /// <summary>Terms of the sum are cut at multiples of this, so that packing meets whole registers.</summary>
    private const int DepthUnit = 16;

    /// <summary>Units of the sum in a block: the panels of an item then fit into the second-level cache together.</summary>
    private const int DepthUnits = 24;

    /// <summary>Rows in a block, and columns: packed, two steps of them stay within a third-level cache.</summary>
    private const int RowBlock = 1024;
    private const int ColumnBlock = 2048;

    /// <summary>Panels of A and B in an item of work: small enough to share out evenly.</summary>
    private const int ItemRowPanels = 3;
    private const int ItemColumnPanels = 8;

    /// <summary>Panels that are packed in one item of work.</summary>
    private const int PackedRowPanels = 4;
    private const int PackedColumnPanels = 4;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    public static void Run<T, E>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var job = new StepJob<T, E>(a, b, c, accumulate, epilogue);
        for (var step = -1; step < job.Steps; step++)
        {
            job.Set(step);
            Workers.For(job.Items, job);
        }
    }

    /// <summary>A block of the product, and where its operands are packed.</summary>
    private struct Step
    {
        public int Row, Rows;
        public int Column, Columns;
        public int DepthStart, Depth;
        public bool IsFirstOfSum, IsLastOfSum;
        public bool PacksB;
        public Split RowPanels;
        public int ColumnPanels;
        public float* PackedA;
        public float* PackedB;
        public nint PanelStride;
    }

    private struct StepJob<T, E> : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a;
        private readonly RightOperand b;
        private readonly MatrixView c;
        private readonly bool accumulate;
        private readonly E epilogue;

        private readonly Split columnBlocks;
        private readonly Split depthBlocks;
        private readonly Split rowBlocks;
        private readonly float* scratch;
        private readonly nint packedASize;
        private readonly nint packedBSize;

        private Step current;
        private Step next;
        private Split rowGroups;
        private Split columnGroups;
        private int computeItems;
        private int packAItems;
        private int packBItems;

        public StepJob(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, in E epilogue)
        {
            this.a = a;
            this.b = b;
            this.c = c;
            this.accumulate = accumulate;
            this.epilogue = epilogue;
            columnBlocks = Split.AtMost(Ceiling(c.Columns, Tiles<T>.Columns), ColumnBlock / Tiles<T>.Columns);
            depthBlocks = Split.AtMost(Ceiling(b.Depth, DepthUnit), DepthUnits);
            rowBlocks = Split.AtMost(c.Rows, RowBlock);

            nint depth = depthBlocks.Largest * DepthUnit;
            packedASize = rowBlocks.Largest * (depth + Packing.RowGap);
            packedBSize = b.IsPacked ? 0 : columnBlocks.Largest * Tiles<T>.Columns * depth;
            scratch = ThreadScratch.Shared(2 * (packedASize + packedBSize));
        }

        public readonly int Steps => columnBlocks.Parts * depthBlocks.Parts * rowBlocks.Parts;

        public readonly int Items => computeItems + packAItems + packBItems;

        /// <summary>Prepares computing step <paramref name="number"/>, none if negative, and packing the one after it, if any.</summary>
        public void Set(int number)
        {
            current = next;
            computeItems = 0;
            if (number >= 0)
            {
                rowGroups = Split.AtMost(current.RowPanels.Parts, ItemRowPanels);
                columnGroups = Split.AtMost(current.ColumnPanels, ItemColumnPanels);
                computeItems = rowGroups.Parts * columnGroups.Parts;
            }

            packAItems = packBItems = 0;
            if (number + 1 < Steps)
            {
                next = Describe(number + 1);
                packAItems = Ceiling(next.RowPanels.Parts, PackedRowPanels);
                packBItems = next.PacksB ? Ceiling(next.ColumnPanels, PackedColumnPanels) : 0;
            }
        }

        public void Run(int item)
        {
            if (item < computeItems)
                Compute(item);
            else if (item < computeItems + packBItems)
                PackB(item - computeItems);
            else
                PackA(item - computeItems - packBItems);
        }

        private readonly Step Describe(int number)
        {
            var rowBlock = number % rowBlocks.Parts;
            var sharesB = number / rowBlocks.Parts;
            var depthBlock = sharesB % depthBlocks.Parts;
            var columnBlock = sharesB / depthBlocks.Parts;
            var width = Tiles<T>.Columns;

            var step = new Step
            {
                Row = rowBlocks.Start(rowBlock),
                Rows = rowBlocks.Size(rowBlock),
                Column = columnBlocks.Start(columnBlock) * width,
                ColumnPanels = columnBlocks.Size(columnBlock),
                DepthStart = depthBlocks.Start(depthBlock) * DepthUnit,
                IsFirstOfSum = depthBlock == 0,
                IsLastOfSum = depthBlock == depthBlocks.Parts - 1,
                PacksB = !b.IsPacked && rowBlock == 0,
                PackedA = scratch + ((number & 1) * packedASize),
            };
            step.Columns = Math.Min(step.ColumnPanels * width, c.Columns - step.Column);
            step.Depth = Math.Min(depthBlocks.Size(depthBlock) * DepthUnit, b.Depth - step.DepthStart);
            step.RowPanels = Split.AtMost(step.Rows, Tiles<T>.Rows);
            if (b.IsPacked)
            {
                step.PanelStride = b.PanelStride;
                step.PackedB = b.Panels + (step.Column / width * b.PanelStride) + (step.DepthStart * (nint)width);
            }
            else
            {
                step.PanelStride = step.Depth * (nint)width;
                step.PackedB = scratch + (2 * packedASize) + ((sharesB & 1) * packedBSize);
            }

            return step;
        }

        private readonly void PackA(int item)
        {
            var first = item * PackedRowPanels;
            var last = Math.Min(first + PackedRowPanels, next.RowPanels.Parts);
            if (a.IsTransposed)
            {
                Packing.PackColumns<T>(a, next.Row, next.RowPanels, first, last, next.DepthStart, next.Depth, next.PackedA);
                return;
            }

            nint stride = next.Depth + Packing.RowGap;
            var row = next.RowPanels.Start(first);
            var rows = next.RowPanels.Start(last) - row;
            Packing.PackRows(a, next.Row + row, rows, next.DepthStart, next.Depth, next.PackedA + (row * stride), stride);
        }

        private readonly void PackB(int item)
        {
            var panel = item * PackedColumnPanels;
            var start = panel * Tiles<T>.Columns;
            var columns = Math.Min(PackedColumnPanels * Tiles<T>.Columns, next.Columns - start);
            Packing.PackB<T>(
                b.Matrix, next.Column + start, columns, next.DepthStart, next.Depth, next.PackedB + (panel * next.PanelStride), next.PanelStride);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Compute(int item)
        {
            // Rows vary fastest: the item's panels of B are still in this core's cache from the item before.
            var rowGroup = item % rowGroups.Parts;
            var columnGroup = item / rowGroups.Parts;
            var firstPanel = rowGroups.Start(rowGroup);
            var lastPanel = rowGroups.Start(rowGroup + 1);
            var firstColumn = columnGroups.Start(columnGroup);
            var lastColumn = columnGroups.Start(columnGroup + 1);
            var width = Tiles<T>.Columns;
            nint aStride = a.IsTransposed ? 0 : current.Depth + Packing.RowGap;
            var adds = accumulate || !current.IsFirstOfSum;

            for (var panel = firstPanel; panel < lastPanel; panel++)
            {
                var row = current.RowPanels.Start(panel);
                var rows = current.RowPanels.Size(panel);
                var packedA = current.PackedA + (row * (a.IsTransposed ? current.Depth : aStride));
                for (var column = firstColumn; column < lastColumn; column++)
                {
                    var start = column * width;
                    TileProduct.Run<T>(
                        rows, Math.Min(width, current.Columns - start), current.Depth,
                        packedA, a.IsTransposed ? rows : aStride, !a.IsTransposed,
                        current.PackedB + (column * current.PanelStride), width,
                        c.At(current.Row + row, current.Column + start), c.Stride, adds);
                }
            }

            if (current.IsLastOfSum)
            {
                var row = current.RowPanels.Start(firstPanel);
                var rows = current.RowPanels.Start(lastPanel) - row;
                var start = firstColumn * width;
                var columns = Math.Min(lastColumn * width, current.Columns) - start;
                epilogue.Apply<T>(
                    c.At(current.Row + row, current.Column + start), c.Stride,
                    current.Row + row, current.Column + start, rows, columns);
            }
        }

        private static int Ceiling(int length, int part) => (length + part - 1) / part;
    }
}
