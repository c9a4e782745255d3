using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Turns the sums of a tile into numbers of C.</summary>
internal static unsafe class TileFinish
{
    /// <summary>C (+)= (scale · sum + least · column sum) · column scale, for integer sums of consecutive panels.</summary>
    /// <remarks>Multiplications and additions are rounded one by one, so that every instruction set gives the same bits.</remarks>
    /// <param name="sums">The first row of sums; the next is <paramref name="sumStride"/> floats further on.</param>
    /// <param name="sumStride">Whole panels.</param>
    /// <param name="ranges">The first row's scale and least number, then those of the next.</param>
    /// <param name="b">The right operand.</param>
    /// <param name="panel">Its first panel.</param>
    /// <param name="target">The first row of C.</param>
    /// <param name="stride">Floats from one row of C to the next.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Columns of C; the last panel may be wider.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    public static void Bytes<T>(
        float* sums, nint sumStride, float* ranges, in GroupedOperand b, int panel, float* target, nint stride, int rows, int columns, bool accumulate)
        where T : struct, ILanes<T>
    {
        for (; columns > 0; columns -= GroupKinds.PanelColumns, panel++)
        {
            float* scales = b.Scales(panel), columnSums = b.Sums(panel);
            for (var j = 0; j < Math.Min(columns, GroupKinds.PanelColumns); j += 2 * T.Width)
            {
                if (columns - j >= 2 * T.Width && !accumulate)
                    Columns<T>(sums + j, sumStride, ranges, scales + j, columnSums + j, target + j, stride, rows);
                else
                    LastColumns<T>(sums + j, sumStride, ranges, scales + j, columnSums + j, target + j, stride, rows, columns - j, accumulate);
            }

            sums += GroupKinds.PanelColumns;
            target += GroupKinds.PanelColumns;
        }
    }

    /// <summary>C (+)= sum, for a row of sums in float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BFloat16<T>(float* sums, float* target, int columns, bool accumulate)
        where T : struct, ILanes<T>
    {
        for (nint j = 0; j < columns; j += T.Width)
            Put(target + j, T.Load(sums + j), (int)Math.Min(T.Width, columns - j), accumulate);
    }

    /// <summary>Two registers of columns, whose scales and sums stay in registers for all rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns<T>(
        float* sums, nint sumStride, float* ranges, float* scales, float* columnSums, float* target, nint stride, int rows)
        where T : struct, ILanes<T>
    {
        T scales0 = T.Load(scales), scales1 = T.Load(scales + T.Width);
        T sums0 = T.Load(columnSums), sums1 = T.Load(columnSums + T.Width);
        for (; rows > 0; rows--)
        {
            T scale = T.Broadcast(ranges[0]), least = T.Broadcast(ranges[1]);
            T.Store(target, Value(T.Load(sums), scale, least, scales0, sums0));
            T.Store(target + T.Width, Value(T.Load(sums + T.Width), scale, least, scales1, sums1));
            sums += sumStride;
            ranges += 2;
            target += stride;
        }
    }

    /// <summary>The same where C ends or is added to. Sums, scales and column sums are whole panels all the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LastColumns<T>(
        float* sums, nint sumStride, float* ranges, float* scales, float* columnSums, float* target, nint stride, int rows, int columns, bool accumulate)
        where T : struct, ILanes<T>
    {
        for (; rows > 0; rows--)
        {
            T scale = T.Broadcast(ranges[0]), least = T.Broadcast(ranges[1]);
            for (nint j = 0; j < Math.Min(columns, 2 * T.Width); j += T.Width)
            {
                var value = Value(T.Load(sums + j), scale, least, T.Load(scales + j), T.Load(columnSums + j));
                Put(target + j, value, (int)Math.Min(T.Width, columns - j), accumulate);
            }

            sums += sumStride;
            ranges += 2;
            target += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Value<T>(T sum, T scale, T least, T columnScale, T columnSum)
        where T : struct, ILanes<T> => ((T.FromInt(sum) * scale) + (columnSum * least)) * columnScale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(float* target, T value, int count, bool accumulate)
        where T : struct, ILanes<T>
    {
        if (count == T.Width)
            T.Store(target, accumulate ? T.Load(target) + value : value);
        else
            T.StorePartial(target, accumulate ? T.LoadPartial(target, count) + value : value, count);
    }
}
