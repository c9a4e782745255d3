using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Turns a row of a tile's sums into numbers of C.</summary>
internal static unsafe class TileFinish
{
    /// <summary>C (+)= (scale · sum + least · column sum) · column scale, for integer sums of consecutive panels.</summary>
    /// <remarks>Multiplications and additions are rounded one by one, so that every instruction set gives the same bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Bytes<T>(float* sums, float scale, float least, in GroupedOperand b, int panel, float* target, int columns, bool accumulate)
        where T : struct, ILanes<T>
    {
        T scales = T.Broadcast(scale), leasts = T.Broadcast(least);
        var stride = b.PanelStride / sizeof(float);
        float* columnScales = b.Scales(panel), columnSums = b.Sums(panel);
        for (; columns > 0; columns -= GroupKinds.PanelColumns)
        {
            for (nint j = 0; j < Math.Min(columns, GroupKinds.PanelColumns); j += T.Width)
            {
                // Sums, scales and column sums are whole panels; only C may end before.
                var value = ((T.FromInt(T.Load(sums + j)) * scales) + (T.Load(columnSums + j) * leasts)) * T.Load(columnScales + j);
                Put(target + j, value, (int)Math.Min(T.Width, columns - j), accumulate);
            }

            sums += GroupKinds.PanelColumns;
            target += GroupKinds.PanelColumns;
            columnScales += stride;
            columnSums += stride;
        }
    }

    /// <summary>C (+)= sum, for sums in float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BFloat16<T>(float* sums, float* target, int columns, bool accumulate)
        where T : struct, ILanes<T>
    {
        for (nint j = 0; j < columns; j += T.Width)
            Put(target + j, T.Load(sums + j), (int)Math.Min(T.Width, columns - j), accumulate);
    }

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
