using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Products of float32 matrices whose operands are turned into bytes or bfloat16 numbers, added up in int32 or float32.</summary>
/// <remarks>
/// <para>
/// Bytes: dynamic quantisation as inference uses it. Each column of the right operand has a scale, each row of the left one a scale and a
/// least number, found when the product is computed: C = (scale · sum + least · column sum) · column scale. Integer sums are exact,
/// hence the same for every instruction set.
/// </para>
/// <para>
/// All workers take part; the bits of the result never depend on their number. C must not overlap the operands.
/// </para>
/// </remarks>
internal static unsafe class GroupedProduct
{
    /// <summary>The longest sums of bytes that cannot overflow 32 bits.</summary>
    public const int MaxDepthOfBytes = int.MaxValue / (byte.MaxValue * 128);

    /// <summary>Rows of A that are packed in an item of work.</summary>
    private const int PackedRows = 16;

    /// <summary>Panels of B and tiles of A in an item of work, so that B's stay in the second-level cache.</summary>
    private const int ItemPanels = 4;
    private const int ItemTiles = 3;

    /// <summary>
    /// Where all rows of A are one tile, reading B decides. Items of work are long then, because memory idles between them, but there are so many
    /// that no thread waits long for the others at the end; they are at least a panel long.
    /// </summary>
    private const int StreamItems = 8;
    private const int StreamItemBytes = 384 << 10;

    /// <summary>Rows times panels of sums that one run of a tile leaves for its end: they stay in the first-level cache.</summary>
    private const int RunSums = 16;

    /// <summary>C = A B or C += A B, followed by <paramref name="epilogue"/> on C, with B packed before.</summary>
    public static void Multiply<E>(in MatrixView a, in GroupedOperand b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue =>
        LaneKernel.Run(new Product<E>(new GroupTiles(b.Kind, c.Rows), a, default, b, c, accumulate, epilogue));

    /// <summary>C = A B or C += A B, followed by <paramref name="epilogue"/> on C.</summary>
    public static void Multiply<E>(GroupKind kind, in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue =>
        Multiply(kind, new GroupTiles(kind, c.Rows), a, b, c, accumulate, epilogue);

    /// <summary>C = A B or C += A B with given tiles, followed by <paramref name="epilogue"/> on C.</summary>
    public static void Multiply<E>(
        GroupKind kind, in GroupTiles tiles, in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue
    {
        Gemm.Check(a, b.Rows, b.Columns, c);
        LaneKernel.Run(new Product<E>(tiles, a, b, new GroupedOperand(kind, b.Rows, b.Columns, null), c, accumulate, epilogue));
    }

    /// <summary>Packs B [depth, columns] into the memory of <paramref name="target"/>.</summary>
    public static void Pack(in MatrixView b, in GroupedOperand target) => LaneKernel.Run(new Packer(b, target));

    private readonly struct Packer(MatrixView b, GroupedOperand target) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T> =>
            Workers.For(GroupKinds.Panels(b.Columns), new PanelJob<T>(b, target));
    }

    private readonly struct Product<E>(
        GroupTiles tiles, MatrixView a, MatrixView b, GroupedOperand packed, MatrixView c, bool accumulate, E epilogue)
        : ILaneKernel
        where E : struct, IEpilogue
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            if (c.Rows == 0 || c.Columns == 0)
                return;
            var right = packed;
            long rangeFloats = 2L * c.Rows;
            var stride = RowPacking.Stride(right.Kind, right.Depth);
            var rowFloats = tiles.ReadableRows(c.Rows) * (long)stride / sizeof(float);
            var packsB = right.Panels is null;
            var memory = ThreadScratch.Shared(
                rowFloats + rangeFloats + GroupKinds.PanelColumns + (packsB ? GroupedOperand.Size(right.Kind, right.Depth, right.Columns) : 0));
            var rows = (byte*)memory;
            var ranges = memory + rowFloats;
            if (packsB)
            {
                // After the ranges, at the next cache line.
                var start = rowFloats + ((rangeFloats + GroupKinds.PanelColumns - 1) / GroupKinds.PanelColumns * GroupKinds.PanelColumns);
                right = new GroupedOperand(right.Kind, right.Depth, right.Columns, memory + start);
                Workers.For(GroupKinds.Panels(right.Columns), new PanelJob<T>(b, right));
            }

            Workers.For((c.Rows + PackedRows - 1) / PackedRows, new RowJob<T>(a, right.Kind, rows, ranges));
            var job = new TileJob<T, E>(tiles, rows, stride, ranges, right, c, accumulate, epilogue);
            Workers.For(job.Items, job);
        }
    }

    private readonly struct PanelJob<T>(MatrixView b, GroupedOperand target) : IJob
        where T : struct, ILanes<T>
    {
        private readonly MatrixView b = b;
        private readonly GroupedOperand target = target;

        public void Run(int item) => ColumnPacking.Panel<T>(b, target, item);
    }

    private readonly struct RowJob<T>(MatrixView a, GroupKind kind, byte* target, float* ranges) : IJob
        where T : struct, ILanes<T>
    {
        private readonly MatrixView a = a;

        public void Run(int item)
        {
            var first = item * PackedRows;
            RowPacking.Rows<T>(a, kind, first, Math.Min(first + PackedRows, a.Rows), target, ranges);
        }
    }

    /// <summary>Computes tiles of C and finishes them.</summary>
    private readonly struct TileJob<T, E> : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly GroupTiles tiles;
        private readonly byte* a;
        private readonly nint aStride;
        private readonly float* ranges;
        private readonly GroupedOperand b;
        private readonly int groups;
        private readonly nint panelStride;
        private readonly MatrixView c;
        private readonly bool accumulate;
        private readonly E epilogue;
        private readonly Split rowTiles;
        private readonly Split rowGroups;
        private readonly Split panelGroups;

        public TileJob(
            in GroupTiles tiles, byte* a, nint aStride, float* ranges, in GroupedOperand b, in MatrixView c, bool accumulate, in E epilogue)
        {
            this.tiles = tiles;
            this.a = a;
            this.aStride = aStride;
            this.ranges = ranges;
            this.b = b;
            groups = b.Groups;
            panelStride = b.PanelStride;
            this.c = c;
            this.accumulate = accumulate;
            this.epilogue = epilogue;
            rowTiles = Split.AtMost(c.Rows, tiles.MaxRows);
            rowGroups = Split.AtMost(rowTiles.Parts, ItemTiles);
            var panels = GroupKinds.Panels(c.Columns);
            var most = rowTiles.Parts > 1 ? ItemPanels : (int)Math.Clamp(panels / StreamItems, 1, Math.Max(1, StreamItemBytes / panelStride));
            panelGroups = Split.AtMost(panels, most);
        }

        public int Items => rowGroups.Parts * panelGroups.Parts;

        public void Run(int item)
        {
            // Rows vary fastest: the panels are still in this core's cache from the item before.
            int rowGroup = item % rowGroups.Parts, panelGroup = item / rowGroups.Parts;
            int firstTile = rowGroups.Start(rowGroup), lastTile = rowGroups.Start(rowGroup + 1);
            int firstPanel = panelGroups.Start(panelGroup), lastPanel = panelGroups.Start(panelGroup + 1);
            if (lastTile - firstTile == 1)
            {
                int first = rowTiles.Start(firstTile), rows = rowTiles.Size(firstTile);
                var run = tiles.IsExact(rows) ? Math.Max(1, RunSums / rows) : 1;
                for (var panel = firstPanel; panel < lastPanel; panel += run)
                    Tile(first, rows, panel, Math.Min(run, lastPanel - panel));
            }
            else
            {
                for (var panel = firstPanel; panel < lastPanel; panel++)
                {
                    for (var tile = firstTile; tile < lastTile; tile++)
                        Tile(rowTiles.Start(tile), rowTiles.Size(tile), panel, 1);
                }
            }

            int row = rowTiles.Start(firstTile), column = firstPanel * GroupKinds.PanelColumns;
            epilogue.Apply<T>(
                c.At(row, column), c.Stride, row, column, rowTiles.Start(lastTile) - row,
                Math.Min(lastPanel * GroupKinds.PanelColumns, c.Columns) - column);
        }

        // Clearing the sums, which a tile overwrites, would take about as long as reading a tenth of a panel.
        [SkipLocalsInit]
        private void Tile(int row, int rows, int panel, int panels)
        {
            var column = panel * GroupKinds.PanelColumns;
            int padded = panels * GroupKinds.PanelColumns, columns = Math.Min(padded, c.Columns - column);
            var target = c.At(row, column);
            var sums = stackalloc float[GroupTiles.MostRows * GroupKinds.PanelColumns];
            var arguments = new GroupTileArguments
            {
                Groups = groups,
                A = a + (row * aStride),
                AStride = aStride,
                B = b.Panels + (panel * panelStride),
                Panels = panels,
                C = sums,
                CStride = padded * sizeof(float),
            };
            if (rows > 1)
            {
                // Until the sums are there, C has come near.
                for (var i = 0; i < rows; i++)
                {
                    for (nint j = 0; j < columns; j += Prefetch.Line)
                        Prefetch.Middle(target + (i * c.Stride) + j);
                }
            }

            if (b.Kind == GroupKind.BFloat16 && !accumulate && columns == padded && tiles.IsExact(rows))
            {
                arguments.C = target;
                arguments.CStride = c.Stride * sizeof(float);
                tiles.Run<T>(rows, &arguments);
                return;
            }

            tiles.Run<T>(rows, &arguments);
            if (b.Kind == GroupKind.Bytes)
            {
                TileFinish.Bytes<T>(sums, padded, ranges + (2 * row), b, panel, target, c.Stride, rows, columns, accumulate);
                return;
            }

            for (var i = 0; i < rows; i++)
                TileFinish.BFloat16<T>(sums + (i * padded), target + (i * c.Stride), columns, accumulate);
        }
    }
}
