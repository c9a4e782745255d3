using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Packs rows of the left operand of a grouped product: each row's groups are consecutive, filled up with zeros.</summary>
internal static unsafe class RowPacking
{
    private const float Largest = byte.MaxValue;
    private const int CacheLine = 64;

    /// <summary>Rows of a transposed operand that are gathered together.</summary>
    private const int GatheredRows = 32;

    /// <summary>Bytes from one packed row to the next: an odd number of cache lines, so that rows spread over the cache.</summary>
    public static nint Stride(GroupKind kind, int depth) => (nint)((kind.Groups(depth) * GroupKinds.Bytes / CacheLine) | 1) * CacheLine;

    /// <summary>Packs rows <paramref name="first"/> to <paramref name="last"/> - 1 of <paramref name="a"/> [rows, depth].</summary>
    /// <param name="a">The left operand.</param>
    /// <param name="kind">What the groups hold.</param>
    /// <param name="first">The first row.</param>
    /// <param name="last">The row after the last.</param>
    /// <param name="target">Where row 0 goes.</param>
    /// <param name="ranges">Gets each row's scale and least number, for <see cref="GroupKind.Bytes"/>.</param>
    public static void Rows<T>(in MatrixView a, GroupKind kind, int first, int last, byte* target, float* ranges)
        where T : struct, ILanes<T>
    {
        var stride = Stride(kind, a.Columns);
        var bytes = kind.Groups(a.Columns) * GroupKinds.Bytes;
        for (var start = first; start < last; start += GatheredRows)
        {
            var count = Math.Min(GatheredRows, last - start);
            var source = a.At(start, 0);
            var sourceStride = a.Stride;
            if (a.IsTransposed)
            {
                sourceStride = (a.Columns + T.Width - 1) / T.Width * T.Width;
                var rows = ThreadScratch.Own(GatheredRows * sourceStride);
                Gather<T>(source, a.Stride, count, a.Columns, rows, sourceStride);
                source = rows;
            }

            for (var row = start; row < start + count; row++, source += sourceStride)
            {
                if (kind == GroupKind.Bytes)
                    Bytes<T>(source, a.Columns, target + (row * stride), bytes, ranges + (2 * row));
                else
                    BFloat16<T>(source, a.Columns, (ushort*)(target + (row * stride)), bytes / sizeof(ushort));
            }
        }
    }

    /// <summary>Rows of a matrix that lies transposed, [depth, rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather<T>(float* source, nint sourceStride, int rows, int depth, float* target, nint targetStride)
        where T : struct, ILanes<T>
    {
        nint row = 0;
        for (; row + T.Width <= rows; row += T.Width)
        {
            nint k = 0;
            for (; k + T.Width <= depth; k += T.Width)
                T.Transpose(source + (k * sourceStride) + row, sourceStride, target + (row * targetStride) + k, targetStride);
            for (; k < depth; k++)
            {
                for (nint i = row; i < row + T.Width; i++)
                    target[(i * targetStride) + k] = source[(k * sourceStride) + i];
            }
        }

        for (; row < rows; row++)
        {
            for (nint k = 0; k < depth; k++)
                target[(row * targetStride) + k] = source[(k * sourceStride) + row];
        }
    }

    /// <summary>A row's numbers as integers from 0 to 255: x is about least + scale times the integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bytes<T>(float* source, int depth, byte* target, int bytes, float* range)
        where T : struct, ILanes<T>
    {
        var lows = T.Broadcast(source[0]);
        var highs = lows;
        var bad = T.IsNaN(lows - lows);
        nint k = 0;
        for (; k + T.Width <= depth; k += T.Width)
        {
            var x = T.Load(source + k);
            lows = T.Min(x, lows);
            highs = T.Max(x, highs);
            bad |= T.IsNaN(x - x);
        }

        float low = T.MinAcross(lows), high = T.MaxAcross(highs);
        for (; k < depth; k++)
        {
            low = MathF.Min(low, source[k]);
            high = MathF.Max(high, source[k]);
        }

        // The difference of a number and itself is NaN for infinities and NaN: they must not turn into ordinary results.
        var scale = T.Any(bad) || !float.IsFinite(high - low) ? float.NaN : (high - low) / Largest;
        var inverse = scale > 0 ? 1 / scale : 0;
        range[0] = scale;
        range[1] = low;
        T factor = T.Broadcast(inverse), least = T.Broadcast(low);
        for (k = 0; k + T.Width <= depth; k += T.Width)
            T.StoreBytes(target + k, T.ToInt((T.Load(source + k) - least) * factor));
        for (; k < depth; k++)
            target[k] = (byte)MathF.Round((source[k] - low) * inverse);
        for (; k < bytes; k++)
            target[k] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BFloat16<T>(float* source, int depth, ushort* target, int count)
        where T : struct, ILanes<T>
    {
        nint k = 0;
        for (; k + T.Width <= depth; k += T.Width)
            T.StoreHalves(target + k, BFloat16Bits.Of(T.Load(source + k)));
        if (k < depth)
        {
            // A whole register is written, which the filling up leaves room for.
            T.StoreHalves(target + k, BFloat16Bits.Of(T.LoadPartial(source + k, (int)(depth - k))));
            k += T.Width;
        }

        for (; k < count; k++)
            target[k] = 0;
    }
}
