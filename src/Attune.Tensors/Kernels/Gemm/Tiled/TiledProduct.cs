using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>The product by register tiles, for any layout and size.</summary>
/// <remarks>
/// An operand whose layout tiles read slowly is packed first. Of B, all workers pack a block together, which stays in the third-level cache. Of
/// A, each thread packs for itself the few rows that it multiplies next and keeps them in its second-level cache: were the panels of all threads
/// in memory that they share, cores that have no cache in common would have to take every line from each other before they could write to it.
/// The terms are added up in order: the bits of C do not depend on threads.
/// </remarks>
internal static unsafe class TiledProduct
{
    /// <summary>
    /// Up to this many rows of C, a B whose columns are consecutive is not packed: it would be read too seldom. One that comes from memory is,
    /// because there the narrow strips of tiles are slow.
    /// </summary>
    private const int InPlaceRows = 256;

    /// <summary>The same for tiles no wider than a cache line, if the rows of B fall on the same few cache sets: they would push each other out.</summary>
    private const int CollidingInPlaceRows = 16;

    /// <summary>Up to this many columns of C, a transposed A is not packed: it is read too seldom.</summary>
    private const int InPlaceColumns = 64;

    /// <summary>Floats of a packed block of B. The rows of A are packed anew for every block: few blocks save most of that.</summary>
    private const int BlockSizeOfB = 4 << 20;

    /// <summary>
    /// Terms of the sum in a packed block, and those that the tiles of an item add before any looks at the next: its operands stay in the
    /// second-level cache.
    /// </summary>
    public const int BlockDepth = 1024;

    /// <summary>Rows of an item of work; with all their terms of a block they take a third of a second-level cache of a megabyte.</summary>
    private const int ItemRows = 84;

    /// <summary>Panels of B in an item of work, and those that are packed in one.</summary>
    private const int ItemColumnPanels = 4;
    private const int PackedColumnPanels = 2;

    /// <summary>
    /// Bands of columns that several threads divide a packed block of B into: with two, half of the threads multiply what they have packed
    /// and need no cache line of the others. Each band packs the rows of A again, which forbids more.
    /// </summary>
    private const int SharedBands = 2;

    /// <summary>Terms that are packed in an item of work: few enough that no thread waits long for the last one.</summary>
    private const int PackedDepth = 512;

    /// <summary>Rows that fit into one cache set together, with room for B.</summary>
    private const int FreeRows = 6;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var packsA = a.IsTransposed ? c.Columns > InPlaceColumns : a.Stride % Packing.CollidingStride == 0 && a.Rows > FreeRows;
        var width = Tiles<T>.Columns;
        var inPlaceRows = width <= Prefetch.Line && b.Matrix.Stride % Packing.CollidingStride == 0 ? CollidingInPlaceRows : InPlaceRows;
        var packsB = !b.IsPacked && (b.Matrix.IsTransposed || c.Rows > inPlaceRows || b.Matrix.IsFar);
        var depths = Split.AtMost(b.Depth, packsA || packsB ? BlockDepth : b.Depth);
        var panels = Split.AtMost((c.Columns + width - 1) / width, packsB ? Math.Max(1, BlockSizeOfB / width / depths.Largest) : int.MaxValue);
        var scratch = packsB ? ThreadScratch.Shared(panels.Largest * (long)depths.Largest * width) : null;

        for (var depthBlock = 0; depthBlock < depths.Parts; depthBlock++)
        {
            var term = depths.Start(depthBlock);
            var depth = depths.Size(depthBlock);
            var left = a.Block(0, term, a.Rows, depth);
            for (var columnBlock = 0; columnBlock < panels.Parts; columnBlock++)
            {
                var column = panels.Start(columnBlock) * width;
                var columns = Math.Min(panels.Start(columnBlock + 1) * width, c.Columns) - column;
                var right = Part<T>(b, term, depth, column, columns);
                if (packsB)
                {
                    var packing = new PackJob<T>(right.Matrix, scratch);
                    Workers.For(packing.Items, packing);
                    right = new RightOperand(scratch, (nint)depth * width, depth, columns);
                }

                var job = new TileJob<T, E>(
                    left, packsA, right, packsB, c.Block(0, column, c.Rows, columns), accumulate || depthBlock > 0, column,
                    depthBlock == depths.Parts - 1, epilogue);
                Workers.For(job.Items, job);
            }
        }
    }

    /// <summary>C (+)= A B on this thread, without packing either.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns]: packed, or with its columns consecutive in memory.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    public static void RunHere<T>(in LeftOperand a, in RightOperand b, in MatrixView c, bool accumulate)
        where T : struct, ILanes<T>
    {
        Tiled<T>(a, b, c, accumulate, RowPanels<T>(c.Rows), 0, (c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns);
    }

    /// <summary>How tiles divide rows.</summary>
    private static Split RowPanels<T>(int rows)
        where T : struct, ILanes<T>
        => Split.AtMost(rows, Tiles<T>.Rows);

    /// <summary>All tiles of the columns of C from panel <paramref name="firstPanel"/> to <paramref name="lastPanel"/> - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiled<T>(
        in LeftOperand a, in RightOperand b, in MatrixView c, bool accumulate, Split rowPanels, int firstPanel, int lastPanel)
        where T : struct, ILanes<T>
    {
        var width = Tiles<T>.Columns;
        var depths = Split.AtMost(b.Depth, BlockDepth);
        for (var part = 0; part < depths.Parts; part++)
        {
            var term = depths.Start(part);
            var depth = depths.Size(part);
            for (var panel = firstPanel; panel < lastPanel; panel++)
            {
                var column = panel * width;
                var columns = Math.Min(width, c.Columns - column);
                float* source;
                nint stride = width;
                if (b.IsPacked)
                {
                    source = b.Panels + (panel * b.PanelStride) + (term * (nint)width);
                }
                else if (columns % T.Width == 0)
                {
                    source = b.Matrix.At(term, column);
                    stride = b.Matrix.Stride;
                }
                else
                {
                    // The tile reads whole registers, which would lie beyond the end of B.
                    source = ThreadScratch.Own((long)depth * width);
                    Packing.PackB<T>(b.Matrix, column, columns, term, depth, source, 0);
                }

                for (var rowPanel = 0; rowPanel < rowPanels.Parts; rowPanel++)
                {
                    var row = rowPanels.Start(rowPanel);
                    var rows = rowPanels.Size(rowPanel);
                    TileProduct.Run<T>(
                        rows, columns, depth, a.At(row, rows, term), a.Stride(rows), a.IsAlongDepth,
                        source, stride, c.At(row, column), c.Stride, accumulate || part > 0);
                }
            }
        }
    }

    /// <summary>The part of B with the given terms and columns, where it lies.</summary>
    private static RightOperand Part<T>(in RightOperand b, int term, int depth, int column, int columns)
        where T : struct, ILanes<T>
    {
        if (!b.IsPacked)
            return new RightOperand(b.Matrix.Block(term, column, depth, columns));
        nint width = Tiles<T>.Columns;
        return new RightOperand(b.Panels + (column / width * b.PanelStride) + (term * width), b.PanelStride, depth, columns);
    }

    /// <summary>Packs a block of B [depth, columns].</summary>
    private readonly struct PackJob<T>(MatrixView b, float* target) : IJob
        where T : struct, ILanes<T>
    {
        private readonly MatrixView b = b;

        public int Items => Depths.Parts * ((b.Columns + Columns - 1) / Columns);

        private static int Columns => PackedColumnPanels * Tiles<T>.Columns;

        private Split Depths => Split.AtMost(b.Rows, PackedDepth);

        public void Run(int item)
        {
            var depths = Depths;
            var part = item % depths.Parts;
            var panel = item / depths.Parts * PackedColumnPanels;
            var column = panel * Tiles<T>.Columns;
            var term = depths.Start(part);
            var panelStride = (nint)b.Rows * Tiles<T>.Columns;
            Packing.PackB<T>(
                b, column, Math.Min(Columns, b.Columns - column), term, depths.Size(part),
                target + (panel * panelStride) + ((nint)term * Tiles<T>.Columns), panelStride);
        }
    }

    /// <summary>Computes the tiles of a block of columns of C, the first of which is <c>column</c> of the whole.</summary>
    private readonly struct TileJob<T, E> : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a;
        private readonly RightOperand b;
        private readonly MatrixView c;
        private readonly bool accumulate;
        private readonly int column;
        private readonly bool isFinished;
        private readonly E epilogue;
        private readonly long number;
        private readonly Split rowBlocks;
        private readonly Split columnGroups;
        private readonly Split bands;

        public TileJob(
            in MatrixView a, bool packsA, in RightOperand b, bool packsB, in MatrixView c, bool accumulate, int column, bool isFinished,
            in E epilogue)
        {
            this.a = a;
            this.b = b;
            this.c = c;
            this.accumulate = accumulate;
            this.column = column;
            this.isFinished = isFinished;
            this.epilogue = epilogue;
            number = packsA ? OwnRows.NextNumber() : 0;
            rowBlocks = Split.AtMost(c.Rows, ItemRows);
            columnGroups = Split.AtMost((c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns, ItemColumnPanels);
            var numBands = packsB && Workers.Count > 1 ? SharedBands : 1;
            bands = Split.AtMost(columnGroups.Parts, (columnGroups.Parts + numBands - 1) / numBands);
        }

        public int Items => rowBlocks.Parts * columnGroups.Parts;

        public void Run(int item)
        {
            var band = 0;
            while (item >= rowBlocks.Parts * bands.Start(band + 1))
                band++;
            item -= rowBlocks.Parts * bands.Start(band);

            // Columns vary fastest: the rows of A are still in this core's cache from the item before.
            var rowBlock = item / bands.Size(band);
            var columnGroup = bands.Start(band) + (item % bands.Size(band));
            var row = rowBlocks.Start(rowBlock);
            var left = a.Block(row, 0, rowBlocks.Size(rowBlock), a.Columns);
            var block = c.Block(row, 0, left.Rows, c.Columns);
            var firstPanel = columnGroups.Start(columnGroup);
            var lastPanel = columnGroups.Start(columnGroup + 1);
            var rowPanels = RowPanels<T>(block.Rows);
            var operand = number == 0 ? new LeftOperand(left) : OwnRows.Packed<T>(left, rowPanels, number, rowBlock);
            Tiled<T>(operand, b, block, accumulate, rowPanels, firstPanel, lastPanel);
            if (!isFinished)
                return;

            var firstColumn = firstPanel * Tiles<T>.Columns;
            epilogue.Apply<T>(
                block.At(0, firstColumn), block.Stride, row, column + firstColumn,
                block.Rows, Math.Min(lastPanel * Tiles<T>.Columns, c.Columns) - firstColumn);
        }
    }
}
