using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>A way to bring many numbers down to one.</summary>
internal interface IFold
{
    /// <summary>What nothing folds to.</summary>
    float Empty { get; }

    /// <summary>Folds pairs of lanes.</summary>
    T Combine<T>(T a, T b)
        where T : struct, ILanes<T>;

    /// <summary>Folds the lanes of a register.</summary>
    float Across<T>(T x)
        where T : struct, ILanes<T>;

    /// <summary>Folds partial results, in double precision because there may be very many elements behind them.</summary>
    double Combine(double a, double b);
}

/// <summary>The sum.</summary>
internal readonly struct SumFold : IFold
{
    public float Empty => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Combine<T>(T a, T b)
        where T : struct, ILanes<T>
        => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Across<T>(T x)
        where T : struct, ILanes<T>
        => T.Sum(x);

    public double Combine(double a, double b) => a + b;
}

/// <summary>The largest number.</summary>
internal readonly struct MaxFold : IFold
{
    public float Empty => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Combine<T>(T a, T b)
        where T : struct, ILanes<T>
        => T.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Across<T>(T x)
        where T : struct, ILanes<T>
        => T.MaxAcross(x);

    public double Combine(double a, double b) => Math.Max(a, b);
}
