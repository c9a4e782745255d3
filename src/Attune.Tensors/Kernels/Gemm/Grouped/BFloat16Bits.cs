using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Conversion of float32 to bfloat16, its upper half.</summary>
internal static class BFloat16Bits
{
    private const int Half = 0x7FFF;
    private const int QuietNaN = 0x7FC0;

    /// <summary>The bfloat16 nearest to each lane, ties to even, in the lower half of the lane; the upper half is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x)
        where T : struct, ILanes<T>
    {
        var odd = T.ShiftRightLogical(x, 16) & T.BroadcastInt(1);
        var rounded = T.ShiftRightLogical(T.AddInt(x, T.AddInt(odd, T.BroadcastInt(Half))), 16);
        // Rounding could carry a NaN over to infinity or to zero.
        return T.Select(T.IsNaN(x), T.BroadcastInt(QuietNaN), rounded);
    }
}
