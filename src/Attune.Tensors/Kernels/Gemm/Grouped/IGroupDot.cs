using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>The sum of products of two groups where the CPU has no instruction for it: each group is taken apart into two halves first.</summary>
internal unsafe interface IGroupDot
{
    /// <summary>What a row's sums start from, as the bits of a lane.</summary>
    static abstract int Start<T>(byte* row, nint groups)
        where T : struct, ILanes<T>;

    /// <summary>The two halves of groups of the left operand.</summary>
    static abstract (T First, T Second) Left<T>(T groups)
        where T : struct, ILanes<T>;

    /// <summary>The two halves of groups of the right operand.</summary>
    static abstract (T First, T Second) Right<T>(T groups)
        where T : struct, ILanes<T>;

    /// <summary>Adds the products of halves.</summary>
    static abstract T Add<T>(T sum, T left, T right)
        where T : struct, ILanes<T>;
}

/// <summary>
/// Bytes, widened to pairs of 16-bit integers. The instruction that multiplies bytes directly (<c>vpmaddubsw</c>) would saturate.
/// </summary>
/// <remarks>
/// Signed bytes are made unsigned by adding 128, because then zeros fill them up to 16 bits as they do the left operand's. Sums
/// therefore start from minus 128 times the sum of the row.
/// </remarks>
internal readonly struct ByteDot : IGroupDot
{
    private const int EvenBytes = 0x00FF00FF;
    private const int SignBits = unchecked((int)0x80808080);
    private const int Offsets = 0x00800080;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe int Start<T>(byte* row, nint groups)
        where T : struct, ILanes<T>
    {
        var sum = T.Zero;
        for (nint group = 0; group < groups; group += T.Width)
        {
            // Lanes beyond the row read as zeros and add nothing.
            var lanes = T.LoadPartial((float*)row + group, (int)nint.Min(T.Width, groups - group));
            var (even, odd) = Left(lanes);
            sum = T.AddInt(sum, T.MultiplyAddPairsInt(T.AddInt(even, odd), T.BroadcastInt(Offsets)));
        }

        var parts = stackalloc int[T.Width];
        T.Store((float*)parts, sum);
        var total = 0;
        for (var i = 0; i < T.Width; i++)
            total += parts[i];
        return -total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T First, T Second) Left<T>(T groups)
        where T : struct, ILanes<T>
    {
        var mask = T.BroadcastInt(EvenBytes);
        return (groups & mask, T.ShiftRightLogical(groups, 8) & mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T First, T Second) Right<T>(T groups)
        where T : struct, ILanes<T> => Left(groups ^ T.BroadcastInt(SignBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T left, T right)
        where T : struct, ILanes<T> => T.AddInt(sum, T.MultiplyAddPairsInt(left, right));
}

/// <summary>Pairs of bfloat16 numbers, each widened to float32.</summary>
internal readonly struct BFloat16Dot : IGroupDot
{
    private const int UpperHalf = unchecked((int)0xFFFF0000);

    public static unsafe int Start<T>(byte* row, nint groups)
        where T : struct, ILanes<T> => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T First, T Second) Left<T>(T groups)
        where T : struct, ILanes<T> => (T.ShiftLeft(groups, 16), groups & T.BroadcastInt(UpperHalf));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T First, T Second) Right<T>(T groups)
        where T : struct, ILanes<T> => Left(groups);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T left, T right)
        where T : struct, ILanes<T> => T.Fma(left, right, sum);
}
