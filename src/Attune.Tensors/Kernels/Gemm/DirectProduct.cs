using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>The product of matrices so small, or with so few rows, that tiles read the operands where they lie.</summary>
internal static unsafe class DirectProduct
{
    /// <summary>Panels of B in an item of work.</summary>
    private const int ItemColumnPanels = 4;

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
        var panels = (c.Columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns;
        var groups = Split.AtMost(panels, ItemColumnPanels);
        Workers.For(groups.Parts, new Job<T, E>(a, b, c, accumulate, groups, epilogue));
    }

    /// <summary>C (+)= A B for the panels of B from <paramref name="first"/> to before <paramref name="last"/>, on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<T>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate, int first, int last)
        where T : struct, ILanes<T>
    {
        var width = Tiles<T>.Columns;
        var rowPanels = Split.AtMost(c.Rows, Tiles<T>.Rows);
        for (var panel = first; panel < last; panel++)
        {
            var column = panel * width;
            var columns = Math.Min(width, c.Columns - column);
            float* source;
            nint stride = width;
            if (b.IsPacked)
            {
                source = b.Panels + (panel * b.PanelStride);
            }
            else if (columns % T.Width == 0)
            {
                source = b.Matrix.At(0, column);
                stride = b.Matrix.Stride;
            }
            else
            {
                // The tile reads whole registers, which would lie beyond the end of B.
                source = ThreadScratch.Own((long)b.Depth * width);
                Packing.PackB<T>(b.Matrix, column, columns, 0, b.Depth, source, 0);
            }

            for (var rowPanel = 0; rowPanel < rowPanels.Parts; rowPanel++)
            {
                var row = rowPanels.Start(rowPanel);
                TileProduct.Run<T>(
                    rowPanels.Size(rowPanel), columns, b.Depth, a.At(row, 0), a.Stride, !a.IsTransposed,
                    source, stride, c.At(row, column), c.Stride, accumulate);
            }
        }
    }

    private readonly struct Job<T, E>(MatrixView a, RightOperand b, MatrixView c, bool accumulate, Split groups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly RightOperand b = b;
        private readonly MatrixView c = c;
        private readonly E epilogue = epilogue;

        public void Run(int item)
        {
            var first = groups.Start(item);
            var last = groups.Start(item + 1);
            Panels<T>(a, b, c, accumulate, first, last);
            var start = first * Tiles<T>.Columns;
            var columns = Math.Min(last * Tiles<T>.Columns, c.Columns) - start;
            epilogue.Apply<T>(c.At(0, start), c.Stride, 0, start, c.Rows, columns);
        }
    }
}
