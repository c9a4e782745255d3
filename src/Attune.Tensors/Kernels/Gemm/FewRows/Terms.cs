using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>How many terms of a sum a register holds for each row, known when a generic method is compiled.</summary>
internal unsafe interface ITerms
{
    /// <summary>The number.</summary>
    static abstract int Count { get; }

    /// <summary>Reads that many terms and repeats them over the register.</summary>
    static abstract T Repeat<T>(float* source)
        where T : struct, ILanes<T>;
}

/// <summary>One term.</summary>
internal readonly unsafe struct OneTerm : ITerms
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Repeat<T>(float* source)
        where T : struct, ILanes<T>
        => T.Broadcast(*source);
}

/// <summary>Two terms.</summary>
internal readonly unsafe struct TwoTerms : ITerms
{
    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Repeat<T>(float* source)
        where T : struct, ILanes<T>
        => T.RepeatTwo(source);
}

/// <summary>Four terms.</summary>
internal readonly unsafe struct FourTerms : ITerms
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Repeat<T>(float* source)
        where T : struct, ILanes<T>
        => T.RepeatFour(source);
}

/// <summary>Eight terms.</summary>
internal readonly unsafe struct EightTerms : ITerms
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Repeat<T>(float* source)
        where T : struct, ILanes<T>
        => T.RepeatEight(source);
}

/// <summary>As many terms as a register has lanes.</summary>
/// <typeparam name="TLanes">The register.</typeparam>
internal readonly unsafe struct AllTerms<TLanes> : ITerms
    where TLanes : struct, ILanes<TLanes>
{
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Width;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Repeat<T>(float* source)
        where T : struct, ILanes<T>
        => T.Load(source);
}
