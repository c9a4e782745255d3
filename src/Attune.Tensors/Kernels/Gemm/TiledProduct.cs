using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>The product by register tiles, for any layout and size.</summary>
/// <remarks>
/// An operand whose layout tiles read slowly is packed first, in blocks that stay in the third-level cache; then all tiles of the block are
/// computed. Both kinds of work are shared out over the workers. The terms are added up in order: the bits of C do not depend on threads.
/// </remarks>
internal static unsafe class TiledProduct
{
    /// <summary>
    /// Up to this many rows of C, a B whose columns are consecutive is not packed: it would be read too seldom. One that comes from memory is,
    /// because there the narrow strips of tiles are slow.
    /// </summary>
    private const int InPlaceRows = 256;

    /// <summary>Up to this many columns of C, a transposed A is not packed: it is read too seldom.</summary>
    private const int InPlaceColumns = 64;

    /// <summary>
    /// Floats of a packed block of B and of A. A block of A is packed anew for every block of B: few blocks of B save most of that. Each core
    /// reads a block of A again for every strip of B, so it must be small enough for the third-level cache.
    /// </summary>
    private const int BlockSizeOfB = 4 << 20;
    private const int BlockSizeOfA = 512 << 10;

    /// <summary>
    /// Terms of the sum in a packed block, and those that the tiles of an item add before any looks at the next: its operands stay in the
    /// second-level cache.
    /// </summary>
    public const int BlockDepth = 1024;

    /// <summary>Panels of A and of B in an item of work.</summary>
    private const int ItemRowPanels = 3;
    private const int ItemColumnPanels = 4;

    /// <summary>Panels of A and of B that are packed in an item of work.</summary>
    private const int PackedRowPanels = 4;
    private const int PackedColumnPanels = 2;

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
        var packsB = !b.IsPacked && (b.Matrix.IsTransposed || c.Rows > InPlaceRows || b.Matrix.IsFar);

        var width = Tiles<T>.Columns;
        var depths = Split.AtMost(b.Depth, packsA || packsB ? BlockDepth : b.Depth);
        var panels = Split.AtMost((c.Columns + width - 1) / width, packsB ? Math.Max(1, BlockSizeOfB / width / depths.Largest) : int.MaxValue);
        var rows = Split.AtMost(c.Rows, packsA ? Math.Max(Tiles<T>.Rows, BlockSizeOfA / depths.Largest) : c.Rows);

        nint packedA = packsA ? rows.Largest * ((nint)depths.Largest + Packing.RowGap) : 0;
        nint packedB = packsB ? panels.Largest * (nint)depths.Largest * width : 0;
        var scratch = packedA + packedB > 0 ? ThreadScratch.Shared(packedA + packedB) : null;

        for (var depthBlock = 0; depthBlock < depths.Parts; depthBlock++)
        {
            var isLast = depthBlock == depths.Parts - 1;
            for (var columnBlock = 0; columnBlock < panels.Parts; columnBlock++)
            {
                for (var rowBlock = 0; rowBlock < rows.Parts; rowBlock++)
                {
                    var block = new Block
                    {
                        Row = rows.Start(rowBlock),
                        Rows = rows.Size(rowBlock),
                        Column = panels.Start(columnBlock) * width,
                        Columns = Math.Min(panels.Start(columnBlock + 1) * width, c.Columns) - (panels.Start(columnBlock) * width),
                        Term = depths.Start(depthBlock),
                        Depth = depths.Size(depthBlock),
                    };
                    var left = new LeftOperand(a.Block(block.Row, block.Term, block.Rows, block.Depth));
                    var right = Part<T>(b, block);
                    if (packsA || (packsB && rowBlock == 0))
                    {
                        var packing = new PackJob<T>(a, b, block, packsA ? scratch : null, packsB && rowBlock == 0 ? scratch + packedA : null);
                        Workers.For(packing.Items, packing);
                    }

                    if (packsA)
                        left = PackedLeft(a, block, scratch);
                    if (packsB)
                        right = new RightOperand(scratch + packedA, (nint)block.Depth * width, block.Depth, block.Columns);
                    var job = new TileJob<T, E>(
                        left, right, c.Block(block.Row, block.Column, block.Rows, block.Columns), accumulate || depthBlock > 0,
                        block.Row, block.Column, isLast, epilogue);
                    Workers.For(job.Items, job);
                }
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
        var rowPanels = Split.AtMost(c.Rows, Tiles<T>.Rows);
        Tiled<T>(a, b, c, accumulate, rowPanels, 0, rowPanels.Parts, 0, (c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns);
    }

    /// <summary>All tiles of the row panels and column panels of C from each first to before each last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiled<T>(
        in LeftOperand a, in RightOperand b, in MatrixView c, bool accumulate,
        Split rowPanels, int firstRowPanel, int lastRowPanel, int firstColumnPanel, int lastColumnPanel)
        where T : struct, ILanes<T>
    {
        var width = Tiles<T>.Columns;
        var depths = Split.AtMost(b.Depth, BlockDepth);
        for (var part = 0; part < depths.Parts; part++)
        {
            var term = depths.Start(part);
            var depth = depths.Size(part);
            for (var panel = firstColumnPanel; panel < lastColumnPanel; panel++)
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

                for (var rowPanel = firstRowPanel; rowPanel < lastRowPanel; rowPanel++)
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

    /// <summary>The part of B that <paramref name="block"/> needs, where it lies.</summary>
    private static RightOperand Part<T>(in RightOperand b, in Block block)
        where T : struct, ILanes<T>
    {
        if (!b.IsPacked)
            return new RightOperand(b.Matrix.Block(block.Term, block.Column, block.Depth, block.Columns));
        nint width = Tiles<T>.Columns;
        var first = b.Panels + (block.Column / width * b.PanelStride) + (block.Term * width);
        return new RightOperand(first, b.PanelStride, block.Depth, block.Columns);
    }

    private static LeftOperand PackedLeft(in MatrixView a, in Block block, float* packed) => a.IsTransposed
        ? new LeftOperand(packed, block.Depth)
        : new LeftOperand(new MatrixView(packed, block.Rows, block.Depth, block.Depth + Packing.RowGap));

    /// <summary>A part of the product: its rows and columns of C and its terms of the sums.</summary>
    private struct Block
    {
        public int Row, Rows, Column, Columns, Term, Depth;
    }

    /// <summary>Packs a block of A, of B, or of both; null for the one that is not to be packed.</summary>
    private readonly struct PackJob<T>(MatrixView a, RightOperand b, Block block, float* packedA, float* packedB) : IJob
        where T : struct, ILanes<T>
    {
        private readonly MatrixView a = a;
        private readonly RightOperand b = b;
        private readonly Block block = block;

        public int Items => (ItemsOfA + ItemsOfB) * Depths.Parts;

        private Split Depths => Split.AtMost(block.Depth, PackedDepth);

        private Split RowPanels => Split.AtMost(block.Rows, Tiles<T>.Rows);

        private int ItemsOfA => packedA is null ? 0 : Ceiling(RowPanels.Parts, PackedRowPanels);

        private int ItemsOfB => packedB is null ? 0 : Ceiling(block.Columns, PackedColumnPanels * Tiles<T>.Columns);

        public void Run(int item)
        {
            var depths = Depths;
            var part = item % depths.Parts;
            var (term, terms) = (depths.Start(part), depths.Size(part));
            item /= depths.Parts;

            // Items of A and of B alternate in proportion: each thread packs a part of both, and of B the columns that it multiplies next.
            var (ofB, all) = (ItemsOfB, ItemsOfA + ItemsOfB);
            var before = (int)((long)item * ofB / all);
            if ((long)(item + 1) * ofB / all > before)
                PackB(before, term, terms);
            else
                PackA(item - before, term, terms);
        }

        private void PackB(int item, int term, int terms)
        {
            var panel = item * PackedColumnPanels;
            var start = panel * Tiles<T>.Columns;
            var columns = Math.Min(PackedColumnPanels * Tiles<T>.Columns, block.Columns - start);
            var panelStride = (nint)block.Depth * Tiles<T>.Columns;
            var target = packedB + (panel * panelStride) + ((nint)term * Tiles<T>.Columns);
            Packing.PackB<T>(b.Matrix, block.Column + start, columns, block.Term + term, terms, target, panelStride);
        }

        private void PackA(int item, int term, int terms)
        {
            var panels = RowPanels;
            var first = item * PackedRowPanels;
            var last = Math.Min(first + PackedRowPanels, panels.Parts);
            if (a.IsTransposed)
            {
                var source = a.Block(block.Row, block.Term, block.Rows, block.Depth);
                Packing.PackColumns<T>(source, panels, first, last, term, terms, packedA);
                return;
            }

            nint stride = block.Depth + Packing.RowGap;
            var row = panels.Start(first);
            Packing.PackRows(
                a, block.Row + row, panels.Start(last) - row, block.Term + term, terms, packedA + (row * stride) + term, stride);
        }

        private static int Ceiling(int length, int part) => (length + part - 1) / part;
    }

    /// <summary>Computes the tiles of a block of C whose first element is at <c>row</c>, <c>column</c> of the whole.</summary>
    private readonly struct TileJob<T, E> : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly LeftOperand a;
        private readonly RightOperand b;
        private readonly MatrixView c;
        private readonly bool accumulate;
        private readonly int row;
        private readonly int column;
        private readonly bool isFinished;
        private readonly E epilogue;
        private readonly Split rowPanels;
        private readonly Split rowGroups;
        private readonly Split columnGroups;

        public TileJob(
            in LeftOperand a, in RightOperand b, in MatrixView c, bool accumulate, int row, int column, bool isFinished, in E epilogue)
        {
            this.a = a;
            this.b = b;
            this.c = c;
            this.accumulate = accumulate;
            this.row = row;
            this.column = column;
            this.isFinished = isFinished;
            this.epilogue = epilogue;
            rowPanels = Split.AtMost(c.Rows, Tiles<T>.Rows);
            rowGroups = Split.AtMost(rowPanels.Parts, ItemRowPanels);
            columnGroups = Split.AtMost((c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns, ItemColumnPanels);
        }

        public int Items => rowGroups.Parts * columnGroups.Parts;

        public void Run(int item)
        {
            // Rows vary fastest: the strip of B is still in this core's cache from the item before.
            var rowGroup = item % rowGroups.Parts;
            var columnGroup = item / rowGroups.Parts;
            var firstRowPanel = rowGroups.Start(rowGroup);
            var lastRowPanel = rowGroups.Start(rowGroup + 1);
            var firstColumnPanel = columnGroups.Start(columnGroup);
            var lastColumnPanel = columnGroups.Start(columnGroup + 1);
            Tiled<T>(a, b, c, accumulate, rowPanels, firstRowPanel, lastRowPanel, firstColumnPanel, lastColumnPanel);
            if (!isFinished)
                return;

            var firstRow = rowPanels.Start(firstRowPanel);
            var firstColumn = firstColumnPanel * Tiles<T>.Columns;
            epilogue.Apply<T>(
                c.At(firstRow, firstColumn), c.Stride, row + firstRow, column + firstColumn,
                rowPanels.Start(lastRowPanel) - firstRow, Math.Min(lastColumnPanel * Tiles<T>.Columns, c.Columns) - firstColumn);
        }
    }
}
