using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>
/// The product of few rows with a B whose columns are consecutive in memory: B is read once, row by row as it lies, and C stays in the
/// first-level cache meanwhile.
/// </summary>
/// <remarks>
/// A register tile would walk down B in narrow strips: too slow for a B that comes from memory, and worse still where its rows lie a power of
/// two apart.
/// </remarks>
internal static unsafe class StreamProduct
{
    /// <summary>Columns of C in an item of work: wide rows are read faster, but the sums should stay in the first-level cache.</summary>
    private const int MinItemColumns = 256;
    private const int MidItemColumns = 512;
    private const int MaxItemColumns = 1024;
    private const int ItemSums = 8 << 10;

    /// <summary>Items of work that narrow products are cut into, if they become wide enough.</summary>
    private const int MinItems = 4;

    /// <summary>
    /// Rows of a far B that the memory is asked for before they are needed: several steps' worth, so that each is asked for in several steps.
    /// When too much is on its way already the CPU drops a request without a word.
    /// </summary>
    private const int RowsAhead = 24;

    /// <summary>Floats between the rows of sums beyond their length, so that they do not compete for the same cache sets.</summary>
    private const int RowGap = 16;

    /// <summary>C (+)= A B, then the epilogue.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns], not transposed.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="epilogue">Applied to each finished block.</param>
    public static void Run<T, E>(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        var widest = Math.Clamp(ItemSums / c.Rows, MidItemColumns, MaxItemColumns);
        var width = Math.Clamp(c.Columns / MinItems, MinItemColumns, widest);
        var groups = Split.AtMost((c.Columns + (2 * T.Width) - 1) / (2 * T.Width), width / (2 * T.Width));
        Workers.For(groups.Parts, new Job<T, E>(a, b, c, accumulate, groups, epilogue));
    }

    /// <summary>
    /// C [rows, columns] += A [rows, <c>N</c>] B [<c>N</c>, columns], <c>N</c> being 4 or 8: as many rows of B, two registers wide, as there
    /// are registers for, so that each number of A is read for two registers of C.
    /// </summary>
    /// <remarks>The memory is asked for <paramref name="rowsAhead"/> of the next rows of B for each row of C.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<T, N>(
        int rows, int columns, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int rowsAhead)
        where T : struct, ILanes<T>
        where N : struct, ICount
    {
        var b3 = b + (3 * bStride);
        var b6 = b3 + (3 * bStride);
        var twice = 2 * bStride;
        for (; columns >= 2 * T.Width; columns -= 2 * T.Width)
        {
            var y00 = T.Load(b);
            var y01 = T.Load(b + T.Width);
            var y10 = T.Load(b + bStride);
            var y11 = T.Load(b + bStride + T.Width);
            var y20 = T.Load(b + twice);
            var y21 = T.Load(b + twice + T.Width);
            var y30 = T.Load(b3);
            var y31 = T.Load(b3 + T.Width);
            var y40 = N.Value > 4 ? T.Load(b3 + bStride) : T.Zero;
            var y41 = N.Value > 4 ? T.Load(b3 + bStride + T.Width) : T.Zero;
            var y50 = N.Value > 4 ? T.Load(b3 + twice) : T.Zero;
            var y51 = N.Value > 4 ? T.Load(b3 + twice + T.Width) : T.Zero;
            var y60 = N.Value > 4 ? T.Load(b6) : T.Zero;
            var y61 = N.Value > 4 ? T.Load(b6 + T.Width) : T.Zero;
            var y70 = N.Value > 4 ? T.Load(b6 + bStride) : T.Zero;
            var y71 = N.Value > 4 ? T.Load(b6 + bStride + T.Width) : T.Zero;
            var x = a;
            var sum = c;
            var ahead = b + (N.Value * bStride);
            for (var row = rows; row > 0; row--)
            {
                // Spread over the rows of C, or reading and computing would take turns instead of going on together.
                for (var i = rowsAhead; i > 0; i--)
                {
                    Prefetch.Middle(ahead);
                    if (2 * T.Width > Prefetch.Line)
                        Prefetch.Middle(ahead + Prefetch.Line);
                    ahead += bStride;
                }

                // Two chains of additions for each register, because one would wait for itself.
                var x0 = T.Broadcast(x[0]);
                var x1 = T.Broadcast(x[1]);
                var even0 = T.Fma(x0, y00, T.Load(sum));
                var even1 = T.Fma(x0, y01, T.Load(sum + T.Width));
                var odd0 = x1 * y10;
                var odd1 = x1 * y11;
                var x2 = T.Broadcast(x[2]);
                var x3 = T.Broadcast(x[3]);
                even0 = T.Fma(x2, y20, even0);
                even1 = T.Fma(x2, y21, even1);
                odd0 = T.Fma(x3, y30, odd0);
                odd1 = T.Fma(x3, y31, odd1);
                if (N.Value > 4)
                {
                    var x4 = T.Broadcast(x[4]);
                    var x5 = T.Broadcast(x[5]);
                    even0 = T.Fma(x4, y40, even0);
                    even1 = T.Fma(x4, y41, even1);
                    odd0 = T.Fma(x5, y50, odd0);
                    odd1 = T.Fma(x5, y51, odd1);
                    var x6 = T.Broadcast(x[6]);
                    var x7 = T.Broadcast(x[7]);
                    even0 = T.Fma(x6, y60, even0);
                    even1 = T.Fma(x6, y61, even1);
                    odd0 = T.Fma(x7, y70, odd0);
                    odd1 = T.Fma(x7, y71, odd1);
                }

                T.Store(sum, even0 + odd0);
                T.Store(sum + T.Width, even1 + odd1);
                x += aStride;
                sum += cStride;
            }

            b += 2 * T.Width;
            b3 += 2 * T.Width;
            b6 += 2 * T.Width;
            c += 2 * T.Width;
        }

        if (columns > 0)
            Some<T>(N.Value, rows, columns, a, aStride, b, bStride, c, cStride);
    }

    /// <summary>The same for any number of terms and for columns that do not fill a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Some<T>(int depth, int rows, int columns, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride)
        where T : struct, ILanes<T>
    {
        for (nint column = 0; column < columns; column += T.Width)
        {
            var count = (int)Math.Min(T.Width, columns - column);
            for (nint row = 0; row < rows; row++)
            {
                var sum = T.LoadPartial(c + (row * cStride) + column, count);
                for (nint k = 0; k < depth; k++)
                    sum = T.Fma(T.Broadcast(a[(row * aStride) + k]), T.LoadPartial(b + (k * bStride) + column, count), sum);
                T.StorePartial(c + (row * cStride) + column, sum, count);
            }
        }
    }

    private readonly struct Job<T, E>(MatrixView a, MatrixView b, MatrixView c, bool accumulate, Split groups, E epilogue) : IJob
        where T : struct, ILanes<T>
        where E : struct, IEpilogue
    {
        private readonly MatrixView a = a;
        private readonly MatrixView b = b;
        private readonly MatrixView c = c;
        private readonly E epilogue = epilogue;

        /// <summary>Terms of the sum, rows of B, that are read together: as many as there are registers for.</summary>
        private static int DepthStep => T.Width == 16 ? 8 : 4;

        public void Run(int item)
        {
            var start = groups.Start(item) * 2 * T.Width;
            var columns = Math.Min(groups.Start(item + 1) * 2 * T.Width, c.Columns) - start;
            nint width = (groups.Largest * 2 * T.Width) + RowGap;
            var sums = ThreadScratch.Own((width * c.Rows) + (a.Rows * DepthStep));
            new Span<float>(sums, (int)width * c.Rows).Clear();

            // A transposed A is gathered a few columns at a time.
            var gathered = sums + (width * c.Rows);
            var rowsAhead = b.IsFar ? (RowsAhead + c.Rows - 1) / c.Rows : 0;
            for (var k = 0; k < b.Rows; k += DepthStep)
            {
                var step = Math.Min(DepthStep, b.Rows - k);
                var left = a.At(0, k);
                var leftStride = a.Stride;
                if (a.IsTransposed)
                {
                    Gather(left, a.Stride, a.Rows, step, gathered);
                    left = gathered;
                    leftStride = DepthStep;
                }

                var right = b.At(k, start);
                if (step < DepthStep)
                    Some<T>(step, c.Rows, columns, left, leftStride, right, b.Stride, sums, width);
                else if (T.Width == 16)
                    Step<T, Eight>(c.Rows, columns, left, leftStride, right, b.Stride, sums, width, rowsAhead);
                else
                    Step<T, Four>(c.Rows, columns, left, leftStride, right, b.Stride, sums, width, rowsAhead);
            }

            for (var row = 0; row < c.Rows; row++)
                Finish(c.At(row, start), sums + (row * width), columns);
            epilogue.Apply<T>(c.At(0, start), c.Stride, 0, start, c.Rows, columns);
        }

        private void Finish(float* target, float* sums, int columns)
        {
            var i = 0;
            for (; i + T.Width <= columns; i += T.Width)
                T.Store(target + i, accumulate ? T.Load(target + i) + T.Load(sums + i) : T.Load(sums + i));
            for (; i < columns; i++)
                target[i] = accumulate ? target[i] + sums[i] : sums[i];
        }

        private static void Gather(float* source, nint stride, int rows, int depth, float* target)
        {
            for (nint k = 0; k < depth; k++)
            {
                for (nint row = 0; row < rows; row++)
                    target[(row * DepthStep) + k] = source[(k * stride) + row];
            }
        }
    }
}
