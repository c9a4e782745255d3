using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>A few rows of A times a few rows of B: all their dot products at once, in registers.</summary>
/// <remarks>Up to six rows of A and one or four of B; see <see cref="TileKernel"/> for how type arguments shape the code.</remarks>
internal static unsafe class DotKernel
{
    /// <summary>C[r, n] (+)= sum over <paramref name="depth"/> of A[r, .] B[n, .].</summary>
    /// <param name="depth">The length of the sum.</param>
    /// <param name="a">R rows of A.</param>
    /// <param name="aStride">Floats from one row of A to the next.</param>
    /// <param name="b">N rows of B.</param>
    /// <param name="bStride">Floats from one row of B to the next.</param>
    /// <param name="c">R rows of C.</param>
    /// <param name="cStride">Floats from one row of C to the next.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, R, N>(
        nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, bool accumulate)
        where T : struct, ILanes<T>
        where R : struct, ICount
        where N : struct, ICount
    {
        T c00 = T.Zero, c01 = T.Zero, c02 = T.Zero, c03 = T.Zero;
        T c10 = T.Zero, c11 = T.Zero, c12 = T.Zero, c13 = T.Zero;
        T c20 = T.Zero, c21 = T.Zero, c22 = T.Zero, c23 = T.Zero;
        T c30 = T.Zero, c31 = T.Zero, c32 = T.Zero, c33 = T.Zero;
        T c40 = T.Zero, c41 = T.Zero, c42 = T.Zero, c43 = T.Zero;
        T c50 = T.Zero, c51 = T.Zero, c52 = T.Zero, c53 = T.Zero;
        var a0 = a;
        var a3 = a + (3 * aStride);
        var twice = 2 * aStride;
        var b2 = b + (2 * bStride);
        var rest = (int)(depth % T.Width);
        for (depth -= rest; depth > 0; depth -= T.Width)
        {
            var x0 = T.Load(a0);
            var x1 = R.Value > 1 ? T.Load(a0 + aStride) : T.Zero;
            var x2 = R.Value > 2 ? T.Load(a0 + twice) : T.Zero;
            var x3 = R.Value > 3 ? T.Load(a3) : T.Zero;
            var x4 = R.Value > 4 ? T.Load(a3 + aStride) : T.Zero;
            var x5 = R.Value > 5 ? T.Load(a3 + twice) : T.Zero;
            var y0 = T.Load(b);
            c00 = T.Fma(x0, y0, c00);
            if (R.Value > 1)
                c10 = T.Fma(x1, y0, c10);
            if (R.Value > 2)
                c20 = T.Fma(x2, y0, c20);
            if (R.Value > 3)
                c30 = T.Fma(x3, y0, c30);
            if (R.Value > 4)
                c40 = T.Fma(x4, y0, c40);
            if (R.Value > 5)
                c50 = T.Fma(x5, y0, c50);

            if (N.Value > 1)
            {
                var y1 = T.Load(b + bStride);
                c01 = T.Fma(x0, y1, c01);
                if (R.Value > 1)
                    c11 = T.Fma(x1, y1, c11);
                if (R.Value > 2)
                    c21 = T.Fma(x2, y1, c21);
                if (R.Value > 3)
                    c31 = T.Fma(x3, y1, c31);
                if (R.Value > 4)
                    c41 = T.Fma(x4, y1, c41);
                if (R.Value > 5)
                    c51 = T.Fma(x5, y1, c51);
            }

            if (N.Value > 2)
            {
                var y2 = T.Load(b2);
                c02 = T.Fma(x0, y2, c02);
                if (R.Value > 1)
                    c12 = T.Fma(x1, y2, c12);
                if (R.Value > 2)
                    c22 = T.Fma(x2, y2, c22);
                if (R.Value > 3)
                    c32 = T.Fma(x3, y2, c32);
                if (R.Value > 4)
                    c42 = T.Fma(x4, y2, c42);
                if (R.Value > 5)
                    c52 = T.Fma(x5, y2, c52);
            }

            if (N.Value > 3)
            {
                var y3 = T.Load(b2 + bStride);
                c03 = T.Fma(x0, y3, c03);
                if (R.Value > 1)
                    c13 = T.Fma(x1, y3, c13);
                if (R.Value > 2)
                    c23 = T.Fma(x2, y3, c23);
                if (R.Value > 3)
                    c33 = T.Fma(x3, y3, c33);
                if (R.Value > 4)
                    c43 = T.Fma(x4, y3, c43);
                if (R.Value > 5)
                    c53 = T.Fma(x5, y3, c53);
            }

            a0 += T.Width;
            if (R.Value > 3)
                a3 += T.Width;
            b += T.Width;
            if (N.Value > 2)
                b2 += T.Width;
        }

        if (rest > 0)
        {
            var x0 = T.LoadPartial(a0, rest);
            var x1 = R.Value > 1 ? T.LoadPartial(a0 + aStride, rest) : T.Zero;
            var x2 = R.Value > 2 ? T.LoadPartial(a0 + twice, rest) : T.Zero;
            var x3 = R.Value > 3 ? T.LoadPartial(a3, rest) : T.Zero;
            var x4 = R.Value > 4 ? T.LoadPartial(a3 + aStride, rest) : T.Zero;
            var x5 = R.Value > 5 ? T.LoadPartial(a3 + twice, rest) : T.Zero;
            var y0 = T.LoadPartial(b, rest);
            c00 = T.Fma(x0, y0, c00);
            if (R.Value > 1)
                c10 = T.Fma(x1, y0, c10);
            if (R.Value > 2)
                c20 = T.Fma(x2, y0, c20);
            if (R.Value > 3)
                c30 = T.Fma(x3, y0, c30);
            if (R.Value > 4)
                c40 = T.Fma(x4, y0, c40);
            if (R.Value > 5)
                c50 = T.Fma(x5, y0, c50);

            if (N.Value > 1)
            {
                var y1 = T.LoadPartial(b + bStride, rest);
                c01 = T.Fma(x0, y1, c01);
                if (R.Value > 1)
                    c11 = T.Fma(x1, y1, c11);
                if (R.Value > 2)
                    c21 = T.Fma(x2, y1, c21);
                if (R.Value > 3)
                    c31 = T.Fma(x3, y1, c31);
                if (R.Value > 4)
                    c41 = T.Fma(x4, y1, c41);
                if (R.Value > 5)
                    c51 = T.Fma(x5, y1, c51);
            }

            if (N.Value > 2)
            {
                var y2 = T.LoadPartial(b2, rest);
                c02 = T.Fma(x0, y2, c02);
                if (R.Value > 1)
                    c12 = T.Fma(x1, y2, c12);
                if (R.Value > 2)
                    c22 = T.Fma(x2, y2, c22);
                if (R.Value > 3)
                    c32 = T.Fma(x3, y2, c32);
                if (R.Value > 4)
                    c42 = T.Fma(x4, y2, c42);
                if (R.Value > 5)
                    c52 = T.Fma(x5, y2, c52);
            }

            if (N.Value > 3)
            {
                var y3 = T.LoadPartial(b2 + bStride, rest);
                c03 = T.Fma(x0, y3, c03);
                if (R.Value > 1)
                    c13 = T.Fma(x1, y3, c13);
                if (R.Value > 2)
                    c23 = T.Fma(x2, y3, c23);
                if (R.Value > 3)
                    c33 = T.Fma(x3, y3, c33);
                if (R.Value > 4)
                    c43 = T.Fma(x4, y3, c43);
                if (R.Value > 5)
                    c53 = T.Fma(x5, y3, c53);
            }
        }

        Finish<T, N>(c, c00, c01, c02, c03, accumulate);
        if (R.Value > 1)
            Finish<T, N>(c + (1 * cStride), c10, c11, c12, c13, accumulate);
        if (R.Value > 2)
            Finish<T, N>(c + (2 * cStride), c20, c21, c22, c23, accumulate);
        if (R.Value > 3)
            Finish<T, N>(c + (3 * cStride), c30, c31, c32, c33, accumulate);
        if (R.Value > 4)
            Finish<T, N>(c + (4 * cStride), c40, c41, c42, c43, accumulate);
        if (R.Value > 5)
            Finish<T, N>(c + (5 * cStride), c50, c51, c52, c53, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<T, N>(float* c, T first, T second, T third, T fourth, bool accumulate)
        where T : struct, ILanes<T>
        where N : struct, ICount
    {
        c[0] = (accumulate ? c[0] : 0) + T.Sum(first);
        if (N.Value > 1)
            c[1] = (accumulate ? c[1] : 0) + T.Sum(second);
        if (N.Value > 2)
            c[2] = (accumulate ? c[2] : 0) + T.Sum(third);
        if (N.Value > 3)
            c[3] = (accumulate ? c[3] : 0) + T.Sum(fourth);
    }
}
