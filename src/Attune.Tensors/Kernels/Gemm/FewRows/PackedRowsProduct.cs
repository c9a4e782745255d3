using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>
/// The product of few rows with a B that was packed before, as decoding asks for with every token: reading B takes longer than anything else, so
/// that each thread reads one long piece of it from its beginning to its end.
/// </summary>
internal static unsafe class PackedRowsProduct
{
    /// <summary>The most rows of C: they are one tile, and A is read where it lies.</summary>
    public const int MaxRows = 6;

    /// <summary>
    /// Items of work at least, if there are as many panels, so that no thread waits long for the others at the end. Otherwise items are long, because
    /// memory idles between them.
    /// </summary>
    private const int MinItems = 24;
    private const int ItemBytes = 384 << 10;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    /// <param name="a">A [rows, depth], not transposed.</param>
    /// <param name="b">B [depth, columns], packed.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var panels = (c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns;
        var most = Math.Clamp(panels / MinItems, 1, (int)Math.Max(1, ItemBytes / (b.PanelStride * sizeof(float))));
        var groups = Split.AtMost(panels, most);
        Workers.For(groups.Parts, new Job<T, E>(a, b, c, accumulate, groups, epilogue));
    }

    private readonly struct Job<T, E>(MatrixView a, RightOperand b, MatrixView c, bool accumulate, Split groups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly RightOperand b = b;
        private readonly MatrixView c = c;
        private readonly Split groups = groups;
        private readonly E epilogue = epilogue;

        public void Run(int item)
        {
            nint width = Tiles<T>.Columns;
            var start = groups.Start(item) * (int)width;
            var end = (int)Math.Min(groups.Start(item + 1) * width, c.Columns);

            // The same parts of the sums as with many rows: a row's bits do not depend on how many others there are.
            var depths = Split.AtMost(b.Depth, TiledProduct.BlockDepth);
            var panel = b.Panels + (groups.Start(item) * b.PanelStride);
            for (var column = start; column < end; column += (int)width, panel += b.PanelStride)
            {
                for (var part = 0; part < depths.Parts; part++)
                {
                    var term = depths.Start(part);
                    TileProduct.Run<T>(
                        c.Rows, (int)Math.Min(width, end - column), depths.Size(part), a.At(0, term), a.Stride, true,
                        panel + (term * width), width, c.At(0, column), c.Stride, accumulate || part > 0);
                }
            }

            epilogue.Apply<T>(c.At(0, start), c.Stride, 0, start, c.Rows, end - start);
        }
    }
}
