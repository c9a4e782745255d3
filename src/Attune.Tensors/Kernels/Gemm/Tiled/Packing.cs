using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>Copies blocks of operands into the order in which the register tile reads them.</summary>
/// <remarks>
/// B goes into panels as wide as a tile, [depth, columns of a tile], the last one filled up with zeros. A goes, if its rows lie along the
/// sum, into rows at a distance that spreads them over the cache; otherwise into panels [depth, rows of the panel].
/// </remarks>
internal static unsafe class Packing
{
    /// <summary>Floats between rows, and their multiples, that fall on the same few cache sets.</summary>
    public const int CollidingStride = 512;

    /// <summary>Floats between packed rows beyond their length: an odd number of cache lines apart they spread over all sets.</summary>
    public const int RowGap = 16;

    /// <summary>Floats ahead, along a row, that a transposing copy asks the memory for.</summary>
    private const int Ahead = 64;

    /// <summary>Terms ahead that a copy of columns asks the memory for: each lies in another page, where the CPU foresees nothing.</summary>
    private const int TermsAhead = 8;

    /// <summary>
    /// Packs columns <paramref name="column"/> to <paramref name="column"/> + <paramref name="columns"/> - 1 and terms
    /// <paramref name="depthStart"/> to <paramref name="depthStart"/> + <paramref name="depth"/> - 1 of <paramref name="b"/> [depth, columns].
    /// </summary>
    /// <param name="b">The right operand.</param>
    /// <param name="column">The first column; a multiple of a tile's.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="depthStart">The first term.</param>
    /// <param name="depth">How many terms.</param>
    /// <param name="panels">The panel of the first column.</param>
    /// <param name="panelStride">Floats from one panel to the next.</param>
    public static void PackB<T>(in MatrixView b, int column, int columns, int depthStart, int depth, float* panels, nint panelStride)
        where T : struct, ILanes<T>
    {
        var width = Tiles<T>.Columns;
        for (var done = 0; done < columns; done += width, panels += panelStride)
        {
            var present = Math.Min(width, columns - done);
            var source = b.At(depthStart, column + done);
            if (present < width)
                new Span<float>(panels, depth * width).Clear();
            if (b.IsTransposed)
                CopyTransposed<T>(source, b.Stride, present, depth, panels, width);
            else if (present == width)
                CopyRows<T>(source, b.Stride, depth, panels);
            else
                CopyPart(source, b.Stride, present, depth, panels, width);
        }
    }

    /// <summary>Packs an A that lies along the sum: plain rows at distance <paramref name="rowStride"/>.</summary>
    public static void PackRows(in MatrixView a, float* target, nint rowStride)
    {
        for (var row = 0; row < a.Rows; row++)
            new ReadOnlySpan<float>(a.At(row, 0), a.Columns).CopyTo(new Span<float>(target + (row * rowStride), a.Columns));
    }

    /// <summary>Packs an A that lies along its rows; the panels of <paramref name="split"/> follow each other without gaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackColumns<T>(in MatrixView a, Split split, float* target)
        where T : struct, ILanes<T>
    {
        nint depth = a.Columns;
        nint smallest = int.MaxValue;
        var starts = stackalloc nint[split.Parts + 1];
        for (var panel = 0; panel <= split.Parts; panel++)
        {
            starts[panel] = split.Start(panel);
            if (panel > 0)
                smallest = Math.Min(smallest, starts[panel] - starts[panel - 1]);
        }

        // Terms outside, panels inside: neighbouring panels share cache lines of A. What a whole store writes too much, the next terms
        // overwrite, and what a whole load reads too much is the next terms' rows; only near the end neither may go too far.
        var wholes = depth - ((T.Width + smallest - 1) / smallest);
        var ahead = TermsAhead * a.Stride;
        nint k = 0;
        for (; k < wholes; k++)
        {
            var source = a.Data + (k * a.Stride);
            for (var panel = 0; panel < split.Parts; panel++)
            {
                var start = starts[panel];
                var size = starts[panel + 1] - start;
                var from = source + start;
                var to = target + (start * depth) + (k * size);
                Prefetch.Near(from + ahead);
                T.Store(to, T.Load(from));
                for (nint i = T.Width; i < size; i += T.Width)
                    T.Store(to + i, T.Load(from + i));
            }
        }

        for (; k < depth; k++)
        {
            var source = a.Data + (k * a.Stride);
            for (var panel = 0; panel < split.Parts; panel++)
            {
                var start = starts[panel];
                var size = starts[panel + 1] - start;
                var from = source + start;
                var to = target + (start * depth) + (k * size);
                for (nint i = 0; i < size; i += T.Width)
                {
                    var count = (int)Math.Min(T.Width, size - i);
                    T.StorePartial(to + i, T.LoadPartial(from + i, count), count);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows<T>(float* source, nint stride, int depth, float* target)
        where T : struct, ILanes<T>
    {
        for (; depth > 0; depth--)
        {
            T.Store(target, T.Load(source));
            T.Store(target + T.Width, T.Load(source + T.Width));
            source += stride;
            target += 2 * T.Width;
        }
    }

    private static void CopyPart(float* source, nint stride, int columns, int depth, float* target, int width)
    {
        for (nint k = 0; k < depth; k++)
            new ReadOnlySpan<float>(source + (k * stride), columns).CopyTo(new Span<float>(target + (k * width), columns));
    }

    /// <summary>Copies <paramref name="columns"/> rows in memory of length <paramref name="depth"/> into columns of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyTransposed<T>(float* source, nint stride, int columns, int depth, float* target, nint width)
        where T : struct, ILanes<T>
    {
        var wholeDepth = depth - (depth % T.Width);
        var wholeColumns = columns - (columns % T.Width);
        for (var k = 0; k < wholeDepth; k += T.Width)
        {
            for (nint column = 0; column < wholeColumns; column += T.Width)
            {
                var from = source + (column * stride) + k;
                for (nint row = 0; row < T.Width; row++)
                    Prefetch.Near(from + (row * stride) + Ahead);
                T.Transpose(from, stride, target + (k * width) + column, width);
            }
        }

        for (nint column = 0; column < columns; column++)
        {
            for (nint k = column < wholeColumns ? wholeDepth : 0; k < depth; k++)
                target[(k * width) + column] = source[(column * stride) + k];
        }
    }
}
