using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>
/// The register tile of the float32 product: a few rows of C times one or two registers of columns, kept in registers over the
/// whole sum. Everything else only brings operands to it in a good order.
/// </summary>
/// <remarks>
/// Rows, registers a row and the layout of A are type arguments, so that the JIT compiles a tile of each height and drops what it does not
/// use: every accumulator becomes a register. For the same reason nothing here is a call (the registers would have to be saved
/// around it) and a tile is always written whole. Fourteen rows by two registers leave 32-register instruction sets four for operands; six by
/// two suit those with sixteen.
/// </remarks>
internal static unsafe class TileKernel
{
    /// <summary>How many rows of B ahead of its use the tile asks the memory for.</summary>
    private const int PrefetchedRows = 16;

    /// <summary>From this many terms on, the tile of C is asked for at the beginning: until it is needed it has arrived.</summary>
    private const int LongSum = 96;

    /// <summary>
    /// C (+)= A B for one tile, with A of <c>R</c> rows and B of <c>V</c> registers of columns.
    /// </summary>
    /// <param name="depth">The length of the sum.</param>
    /// <param name="a">A; consecutive along the sum (<see cref="AlongDepth"/>) or along the rows (<see cref="AlongRows"/>).</param>
    /// <param name="aStride">Floats from one row of A to the next, or from one step of the sum to the next.</param>
    /// <param name="b">B, its columns consecutive; all <c>V</c> registers of each row must be readable.</param>
    /// <param name="bStride">Floats from one row of B to the next.</param>
    /// <param name="c">The tile of C.</param>
    /// <param name="cStride">Floats from one row of C to the next.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, R, V, L>(
        nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, bool accumulate)
        where T : struct, ILanes<T>
        where R : struct, ICount
        where V : struct, ICount
        where L : struct, ILayout
    {
        T c00 = T.Zero, c01 = T.Zero;
        T c10 = T.Zero, c11 = T.Zero;
        T c20 = T.Zero, c21 = T.Zero;
        T c30 = T.Zero, c31 = T.Zero;
        T c40 = T.Zero, c41 = T.Zero;
        T c50 = T.Zero, c51 = T.Zero;
        T c60 = T.Zero, c61 = T.Zero;
        T c70 = T.Zero, c71 = T.Zero;
        T c80 = T.Zero, c81 = T.Zero;
        T c90 = T.Zero, c91 = T.Zero;
        T c100 = T.Zero, c101 = T.Zero;
        T c110 = T.Zero, c111 = T.Zero;
        T c120 = T.Zero, c121 = T.Zero;
        T c130 = T.Zero, c131 = T.Zero;

        // Rows in groups of three: base, base + stride and base + 2 stride are addresses that an instruction can hold.
        var a0 = a;
        var a3 = a + (3 * aStride);
        var a6 = a + (6 * aStride);
        var a9 = a + (9 * aStride);
        var a12 = a + (12 * aStride);
        var twice = 2 * aStride;
        var ahead = PrefetchedRows * bStride;
        if (depth >= LongSum)
        {
            var line = c;
            for (var row = 0; row < R.Value; row++)
            {
                Prefetch.Middle(line);
                if (V.Value * T.Width > Prefetch.Line)
                    Prefetch.Middle(line + Prefetch.Line);
                line += cStride;
            }
        }

        for (; depth > 0; depth--)
        {
            var b0 = T.Load(b);
            var b1 = V.Value > 1 ? T.Load(b + T.Width) : T.Zero;
            Prefetch.Near(b + ahead);
            if (V.Value * T.Width > Prefetch.Line)
                Prefetch.Near(b + ahead + Prefetch.Line);
            b += bStride;

            var x0 = T.Broadcast(L.AlongDepth ? a0[0] : a[0]);
            T.AddProduct(ref c00, x0, b0);
            if (V.Value > 1)
                T.AddProduct(ref c01, x0, b1);

            if (R.Value > 1)
            {
                var x1 = T.Broadcast(L.AlongDepth ? a0[aStride] : a[1]);
                T.AddProduct(ref c10, x1, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c11, x1, b1);
            }

            if (R.Value > 2)
            {
                var x2 = T.Broadcast(L.AlongDepth ? a0[twice] : a[2]);
                T.AddProduct(ref c20, x2, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c21, x2, b1);
            }

            if (R.Value > 3)
            {
                var x3 = T.Broadcast(L.AlongDepth ? a3[0] : a[3]);
                T.AddProduct(ref c30, x3, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c31, x3, b1);
            }

            if (R.Value > 4)
            {
                var x4 = T.Broadcast(L.AlongDepth ? a3[aStride] : a[4]);
                T.AddProduct(ref c40, x4, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c41, x4, b1);
            }

            if (R.Value > 5)
            {
                var x5 = T.Broadcast(L.AlongDepth ? a3[twice] : a[5]);
                T.AddProduct(ref c50, x5, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c51, x5, b1);
            }

            if (R.Value > 6)
            {
                var x6 = T.Broadcast(L.AlongDepth ? a6[0] : a[6]);
                T.AddProduct(ref c60, x6, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c61, x6, b1);
            }

            if (R.Value > 7)
            {
                var x7 = T.Broadcast(L.AlongDepth ? a6[aStride] : a[7]);
                T.AddProduct(ref c70, x7, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c71, x7, b1);
            }

            if (R.Value > 8)
            {
                var x8 = T.Broadcast(L.AlongDepth ? a6[twice] : a[8]);
                T.AddProduct(ref c80, x8, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c81, x8, b1);
            }

            if (R.Value > 9)
            {
                var x9 = T.Broadcast(L.AlongDepth ? a9[0] : a[9]);
                T.AddProduct(ref c90, x9, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c91, x9, b1);
            }

            if (R.Value > 10)
            {
                var x10 = T.Broadcast(L.AlongDepth ? a9[aStride] : a[10]);
                T.AddProduct(ref c100, x10, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c101, x10, b1);
            }

            if (R.Value > 11)
            {
                var x11 = T.Broadcast(L.AlongDepth ? a9[twice] : a[11]);
                T.AddProduct(ref c110, x11, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c111, x11, b1);
            }

            if (R.Value > 12)
            {
                var x12 = T.Broadcast(L.AlongDepth ? a12[0] : a[12]);
                T.AddProduct(ref c120, x12, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c121, x12, b1);
            }

            if (R.Value > 13)
            {
                var x13 = T.Broadcast(L.AlongDepth ? a12[aStride] : a[13]);
                T.AddProduct(ref c130, x13, b0);
                if (V.Value > 1)
                    T.AddProduct(ref c131, x13, b1);
            }

            if (L.AlongDepth)
            {
                a0++;
                if (R.Value > 3)
                    a3++;
                if (R.Value > 6)
                    a6++;
                if (R.Value > 9)
                    a9++;
                if (R.Value > 12)
                    a12++;
            }
            else
            {
                a += aStride;
            }
        }

        Finish<T, V>(c, c00, c01, accumulate);
        if (R.Value > 1)
            Finish<T, V>(c + (1 * cStride), c10, c11, accumulate);
        if (R.Value > 2)
            Finish<T, V>(c + (2 * cStride), c20, c21, accumulate);
        if (R.Value > 3)
            Finish<T, V>(c + (3 * cStride), c30, c31, accumulate);
        if (R.Value > 4)
            Finish<T, V>(c + (4 * cStride), c40, c41, accumulate);
        if (R.Value > 5)
            Finish<T, V>(c + (5 * cStride), c50, c51, accumulate);
        if (R.Value > 6)
            Finish<T, V>(c + (6 * cStride), c60, c61, accumulate);
        if (R.Value > 7)
            Finish<T, V>(c + (7 * cStride), c70, c71, accumulate);
        if (R.Value > 8)
            Finish<T, V>(c + (8 * cStride), c80, c81, accumulate);
        if (R.Value > 9)
            Finish<T, V>(c + (9 * cStride), c90, c91, accumulate);
        if (R.Value > 10)
            Finish<T, V>(c + (10 * cStride), c100, c101, accumulate);
        if (R.Value > 11)
            Finish<T, V>(c + (11 * cStride), c110, c111, accumulate);
        if (R.Value > 12)
            Finish<T, V>(c + (12 * cStride), c120, c121, accumulate);
        if (R.Value > 13)
            Finish<T, V>(c + (13 * cStride), c130, c131, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<T, V>(float* c, T low, T high, bool accumulate)
        where T : struct, ILanes<T>
        where V : struct, ICount
    {
        if (accumulate)
        {
            low = T.Load(c) + low;
            if (V.Value > 1)
                high = T.Load(c + T.Width) + high;
        }

        T.Store(c, low);
        if (V.Value > 1)
            T.Store(c + T.Width, high);
    }
}
