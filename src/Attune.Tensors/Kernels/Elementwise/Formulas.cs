using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>A function of one number, for any lane width.</summary>
internal interface IUnaryFormula
{
    /// <summary>The function of each lane.</summary>
    T Apply<T>(T x)
        where T : struct, ILanes<T>;
}

/// <summary>A function of two numbers, for any lane width.</summary>
internal interface IBinaryFormula
{
    /// <summary>The function of each pair of lanes.</summary>
    T Apply<T>(T a, T b)
        where T : struct, ILanes<T>;
}

/// <summary>a + b.</summary>
internal readonly struct AddFormula : IBinaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : struct, ILanes<T>
        => a + b;
}

/// <summary>a - b.</summary>
internal readonly struct SubtractFormula : IBinaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : struct, ILanes<T>
        => a - b;
}

/// <summary>scale * a * b.</summary>
internal readonly struct MultiplyFormula(float scale) : IBinaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : struct, ILanes<T>
        => T.Broadcast(scale) * a * b;
}

/// <summary>scale * a / b.</summary>
internal readonly struct DivideFormula(float scale) : IBinaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : struct, ILanes<T>
        => T.Broadcast(scale) * a / b;
}

/// <summary>scale * x + shift.</summary>
internal readonly struct AffineFormula(float scale, float shift) : IUnaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T x)
        where T : struct, ILanes<T>
        => T.Fma(T.Broadcast(scale), x, T.Broadcast(shift));
}
