using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>Up to six rows of a B that lies along the sum, times a panel of all rows of A: read once, as it lies, at the speed of memory.</summary>
/// <remarks>
/// The lanes of a register hold rows of A, and of each row as many terms as leave no lane idle: sixteen rows one term each, eight rows two, and
/// so on. The same terms of a row of B, repeated over a register, meet them. See <see cref="Tiled.TileKernel"/> for how type arguments shape the code.
/// </remarks>
internal static unsafe class FewRowsKernel
{
    /// <summary>Terms of a step: a cache line of each row of B.</summary>
    public const int Step = 16;

    /// <summary>Most rows of B: more, a power of two apart, would not fit into a set of the first-level cache.</summary>
    public const int MaxRows = 6;

    /// <summary>
    /// Floats ahead of their use that rows of B are asked for; the hardware's own looking ahead stops at each page. All further asks are for
    /// the same columns of the rows to come.
    /// </summary>
    private const int Ahead = 256;

    /// <summary>sums[r, lane] (+)= the products of row r of B with the panel, lane by lane.</summary>
    /// <typeparam name="T">The lanes.</typeparam>
    /// <typeparam name="R">Rows of B.</typeparam>
    /// <typeparam name="V">Registers of lanes of the panel, one or two.</typeparam>
    /// <typeparam name="G">Terms of a row of A in a register.</typeparam>
    /// <param name="depth">The length of the sum; a multiple of <see cref="Step"/>.</param>
    /// <param name="b">The first row of B.</param>
    /// <param name="bStride">Floats from one row of B to the next.</param>
    /// <param name="panel">V registers for every G terms.</param>
    /// <param name="sums">[R, V registers]</param>
    /// <param name="accumulate">Whether the sums are added to.</param>
    /// <param name="asks">How often the memory is asked for each line of B before it is needed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, R, V, G>(nint depth, float* b, nint bStride, float* panel, float* sums, bool accumulate, int asks)
        where T : struct, ILanes<T>
        where R : struct, ICount
        where V : struct, ICount
        where G : struct, ITerms
    {
        T c00 = T.Zero, c01 = T.Zero;
        T c10 = T.Zero, c11 = T.Zero;
        T c20 = T.Zero, c21 = T.Zero;
        T c30 = T.Zero, c31 = T.Zero;
        T c40 = T.Zero, c41 = T.Zero;
        T c50 = T.Zero, c51 = T.Zero;
        var b3 = b + (3 * bStride);
        var twice = 2 * bStride;

        // Near the end of these rows come the beginnings of the next.
        var stride = R.Value * bStride;
        var next = stride + Ahead - depth;
        for (; depth > 0; depth -= Step)
        {
            for (var group = asks - 1; group >= 0; group--)
            {
                var line = b + (group > 0 ? group * stride : depth > Ahead ? Ahead : next);
                Prefetch.Middle(line);
                if (R.Value > 1)
                    Prefetch.Middle(line + bStride);
                if (R.Value > 2)
                    Prefetch.Middle(line + twice);
                line += 3 * bStride;
                if (R.Value > 3)
                    Prefetch.Middle(line);
                if (R.Value > 4)
                    Prefetch.Middle(line + bStride);
                if (R.Value > 5)
                    Prefetch.Middle(line + twice);
            }

            for (var term = 0; term < Step; term += G.Count)
            {
                var x0 = T.Load(panel);
                var x1 = V.Value > 1 ? T.Load(panel + T.Width) : T.Zero;
                panel += V.Value * T.Width;

                var y0 = G.Repeat<T>(b);
                c00 = T.Fma(x0, y0, c00);
                if (V.Value > 1)
                    c01 = T.Fma(x1, y0, c01);

                if (R.Value > 1)
                {
                    var y1 = G.Repeat<T>(b + bStride);
                    c10 = T.Fma(x0, y1, c10);
                    if (V.Value > 1)
                        c11 = T.Fma(x1, y1, c11);
                }

                if (R.Value > 2)
                {
                    var y2 = G.Repeat<T>(b + twice);
                    c20 = T.Fma(x0, y2, c20);
                    if (V.Value > 1)
                        c21 = T.Fma(x1, y2, c21);
                }

                if (R.Value > 3)
                {
                    var y3 = G.Repeat<T>(b3);
                    c30 = T.Fma(x0, y3, c30);
                    if (V.Value > 1)
                        c31 = T.Fma(x1, y3, c31);
                }

                if (R.Value > 4)
                {
                    var y4 = G.Repeat<T>(b3 + bStride);
                    c40 = T.Fma(x0, y4, c40);
                    if (V.Value > 1)
                        c41 = T.Fma(x1, y4, c41);
                }

                if (R.Value > 5)
                {
                    var y5 = G.Repeat<T>(b3 + twice);
                    c50 = T.Fma(x0, y5, c50);
                    if (V.Value > 1)
                        c51 = T.Fma(x1, y5, c51);
                }

                b += G.Count;
                if (R.Value > 3)
                    b3 += G.Count;
            }
        }

        Finish<T, V>(sums, c00, c01, accumulate);
        if (R.Value > 1)
            Finish<T, V>(sums + (1 * V.Value * T.Width), c10, c11, accumulate);
        if (R.Value > 2)
            Finish<T, V>(sums + (2 * V.Value * T.Width), c20, c21, accumulate);
        if (R.Value > 3)
            Finish<T, V>(sums + (3 * V.Value * T.Width), c30, c31, accumulate);
        if (R.Value > 4)
            Finish<T, V>(sums + (4 * V.Value * T.Width), c40, c41, accumulate);
        if (R.Value > 5)
            Finish<T, V>(sums + (5 * V.Value * T.Width), c50, c51, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<T, V>(float* sums, T low, T high, bool accumulate)
        where T : struct, ILanes<T>
        where V : struct, ICount
    {
        T.Store(sums, accumulate ? T.Load(sums) + low : low);
        if (V.Value > 1)
            T.Store(sums + T.Width, accumulate ? T.Load(sums + T.Width) + high : high);
    }
}
