using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>Some rows of A in the order in which <see cref="FewRowsKernel"/> reads them.</summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Registers">Registers of lanes, one or two.</param>
/// <param name="Terms">Terms of a row in a register.</param>
internal readonly record struct FewRowsPanel(int Rows, int Registers, int Terms)
{
    /// <summary>The panel of the next rows when <paramref name="left"/> are left: the largest that is full, or the one that takes them all.</summary>
    public static FewRowsPanel Of<T>(int left)
        where T : struct, ILanes<T>
    {
        if (left == 1)
            return new FewRowsPanel(1, 1, T.Width);
        var places = 2 * T.Width;
        while (places > 2 && left <= places / 2)
            places /= 2;
        // Where computing takes longer than reading, a full panel and a smaller one are faster than one with idle lanes.
        if (places > 8 && 8 * left < 7 * places)
            places /= 2;
        return new FewRowsPanel(Math.Min(left, places), 2, 2 * T.Width / places);
    }

    /// <summary>Floats of the panel for a sum of <paramref name="depth"/> terms.</summary>
    public nint Size<T>(int depth)
        where T : struct, ILanes<T>
        => (nint)depth / Terms * Registers * T.Width;

    /// <summary>Packs rows of A from <paramref name="row"/> on; what is left of <paramref name="depth"/> beyond A's terms is zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Pack<T>(in MatrixView a, int row, int depth, float* target)
        where T : struct, ILanes<T>
    {
        nint width = Registers * T.Width;
        if (Rows * Terms < width || depth > a.Columns)
            new Span<float>(target, checked((int)Size<T>(depth))).Clear();
        var source = a.At(row, 0);
        if (Terms == 1)
        {
            Packing.CopyTransposed<T>(source, a.Stride, Rows, a.Columns, target, width);
            return;
        }

        var whole = a.Columns / Terms;
        var rest = a.Columns % Terms;
        for (nint i = 0; i < Rows; i++)
        {
            var from = source + (i * a.Stride);
            var to = target + (i * Terms);
            for (nint k = 0; k < whole; k++, from += Terms, to += width)
            {
                for (nint term = 0; term < Terms; term++)
                    to[term] = from[term];
            }

            for (nint term = 0; term < rest; term++)
                to[term] = from[term];
        }
    }
}
