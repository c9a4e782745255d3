using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>
/// The product of few rows with a B whose columns are rows in memory, as weights are kept: B is read once as it lies, only A is packed.
/// </summary>
internal static unsafe class FewRowsProduct
{
    /// <summary>Groups of columns of C, as many as the kernel computes together, in an item of work: a whole number of registers of columns.</summary>
    private const int ItemGroups = 8;

    /// <summary>How often the memory is asked for a line of a far B: when too much is on its way already the CPU drops a request without a word.</summary>
    private const int FarAsks = 3;

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
        var depth = (a.Columns + FewRowsKernel.Step - 1) / FewRowsKernel.Step * FewRowsKernel.Step;
        nint size = 0;
        var panelCount = 0;
        FewRowsPanel panel;
        for (var row = 0; row < a.Rows; row += panel.Rows, panelCount++)
        {
            panel = FewRowsPanel.Of<T>(a.Rows - row);
            size += panel.Size<T>(depth);
        }

        var panels = ThreadScratch.Shared(size);
        var next = panels;
        for (var row = 0; row < a.Rows; row += panel.Rows)
        {
            panel = FewRowsPanel.Of<T>(a.Rows - row);
            panel.Pack<T>(a, row, depth, next);
            next += panel.Size<T>(depth);
        }

        var groups = Split.AtMost((c.Columns + FewRowsKernel.MaxRows - 1) / FewRowsKernel.MaxRows, ItemGroups);
        Workers.For(groups.Parts, new Job<T, E>(panels, panelCount, depth, b, c, accumulate, groups, epilogue));
    }

    private readonly struct Job<T, E>(
        float* panels, int panelCount, int depth, MatrixView b, MatrixView c, bool accumulate, Split groups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView b = b;
        private readonly MatrixView c = c;
        private readonly Split groups = groups;
        private readonly E epilogue = epilogue;

        /// <summary>Floats for what the kernel leaves of a panel.</summary>
        private static int PanelSums => ItemGroups * FewRowsKernel.MaxRows * 2 * T.Width;

        public void Run(int item)
        {
            var start = groups.Start(item) * FewRowsKernel.MaxRows;
            var end = Math.Min(groups.Start(item + 1) * FewRowsKernel.MaxRows, c.Columns);
            var sums = ThreadScratch.Own(panelCount * PanelSums);
            for (var column = start; column < end; column += FewRowsKernel.MaxRows)
                Columns(column, Math.Min(FewRowsKernel.MaxRows, end - column), sums, column - start);
            Finish(sums, start, end - start);
            epilogue.Apply<T>(c.At(0, start), c.Stride, 0, start, c.Rows, end - start);
        }

        /// <summary>Leaves the sums of some columns, which are those from <paramref name="place"/> on of the item.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Columns(int column, int columns, float* sums, int place)
        {
            var rest = stackalloc float[FewRowsKernel.MaxRows * FewRowsKernel.Step];
            var source = b.At(0, column);
            nint whole = b.Rows / FewRowsKernel.Step * FewRowsKernel.Step;
            if (whole < depth)
            {
                // The last step would read beyond the rows: what is there of them is copied in front of zeros.
                new Span<float>(rest, FewRowsKernel.MaxRows * FewRowsKernel.Step).Clear();
                for (var i = 0; i < columns; i++)
                {
                    new ReadOnlySpan<float>(source + (i * b.Stride) + whole, (int)(b.Rows - whole))
                        .CopyTo(new Span<float>(rest + (i * FewRowsKernel.Step), FewRowsKernel.Step));
                }
            }

            var from = panels;
            FewRowsPanel panel;
            for (var row = 0; row < c.Rows; row += panel.Rows, sums += PanelSums)
            {
                panel = FewRowsPanel.Of<T>(c.Rows - row);
                var target = sums + (place * panel.Registers * T.Width);
                if (whole > 0)
                    Multiply(panel, columns, whole, source, b.Stride, from, target, accumulate: false, Asks(panel));
                if (whole < depth)
                {
                    var last = from + (whole / panel.Terms * panel.Registers * T.Width);
                    Multiply(panel, columns, FewRowsKernel.Step, rest, FewRowsKernel.Step, last, target, accumulate: whole > 0, asks: 0);
                }

                from += panel.Size<T>(depth);
            }
        }

        private void Finish(float* sums, int column, int columns)
        {
            FewRowsPanel panel;
            for (var row = 0; row < c.Rows; row += panel.Rows, sums += PanelSums)
            {
                panel = FewRowsPanel.Of<T>(c.Rows - row);
                var places = panel.Registers * T.Width / panel.Terms;
                FewRowsSums.AddTerms<T>(sums, panel.Terms, places, (columns + T.Width - 1) / T.Width * T.Width);
                FewRowsSums.Store<T>(sums, places, panel.Rows, columns, c.At(row, column), c.Stride, accumulate);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Multiply(
            FewRowsPanel panel, int columns, nint depth, float* b, nint bStride, float* rows, float* sums, bool accumulate, int asks)
        {
            if (panel.Registers == 1)
                Multiply<One, AllTerms<T>>(columns, depth, b, bStride, rows, sums, accumulate, asks);
            else if (panel.Terms == T.Width)
                Multiply<Two, AllTerms<T>>(columns, depth, b, bStride, rows, sums, accumulate, asks);
            else if (panel.Terms == 1)
                Multiply<Two, OneTerm>(columns, depth, b, bStride, rows, sums, accumulate, asks);
            else if (panel.Terms == 2)
                Multiply<Two, TwoTerms>(columns, depth, b, bStride, rows, sums, accumulate, asks);
            else if (panel.Terms == 4)
                Multiply<Two, FourTerms>(columns, depth, b, bStride, rows, sums, accumulate, asks);
            else
                Multiply<Two, EightTerms>(columns, depth, b, bStride, rows, sums, accumulate, asks);
        }

        // With one or two rows of A there is nothing to do but read, and the hardware looks ahead well enough in what a cache holds.
        private int Asks(FewRowsPanel panel) => b.IsFar ? FarAsks : panel.Terms < T.Width ? 1 : 0;

        // The kernels are compiled by themselves; this only chooses one.
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Multiply<V, G>(int columns, nint depth, float* b, nint bStride, float* rows, float* sums, bool accumulate, int asks)
            where V : struct, ICount
            where G : struct, ITerms
        {
            switch (columns)
            {
                case 1:
                    FewRowsKernel.Run<T, One, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
                case 2:
                    FewRowsKernel.Run<T, Two, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
                case 3:
                    FewRowsKernel.Run<T, Three, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
                case 4:
                    FewRowsKernel.Run<T, Four, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
                case 5:
                    FewRowsKernel.Run<T, Five, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
                default:
                    FewRowsKernel.Run<T, Six, V, G>(depth, b, bStride, rows, sums, accumulate, asks);
                    break;
            }
        }
    }
}
