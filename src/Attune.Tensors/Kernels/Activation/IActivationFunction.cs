using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>An elementwise function and its derivative, written once for any lane width.</summary>
internal interface IActivationFunction
{
    /// <summary>Whether <see cref="Slope"/> takes the function's value instead of its argument, so that the argument need not be kept.</summary>
    static abstract bool SlopeTakesValue { get; }

    /// <summary>The function.</summary>
    static abstract T Value<T>(T x)
        where T : struct, ILanes<T>;

    /// <summary>The derivative, from the argument or (see <see cref="SlopeTakesValue"/>) from the value.</summary>
    static abstract T Slope<T>(T kept)
        where T : struct, ILanes<T>;
}

internal readonly struct IdentityFunction : IActivationFunction
{
    public static bool SlopeTakesValue => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T> => T.Broadcast(1);
}

internal readonly struct ReluFunction : IActivationFunction
{
    public static bool SlopeTakesValue => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => T.Max(T.Zero, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T> => T.GreaterThan(kept, T.Zero) & T.Broadcast(1);
}

internal readonly struct GeluFunction : IActivationFunction
{
    private const float InverseSqrt2 = 0.70710678f;
    private const float InverseSqrt2Pi = 0.39894228f;

    public static bool SlopeTakesValue => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T>
    {
        T half = x * T.Broadcast(0.5f);
        return T.Fma(half, LaneMath.Erf(x * T.Broadcast(InverseSqrt2)), half);
    }

    // Φ(x) + x φ(x). With z = |x| / √2 the tail 1 - Φ is a polynomial in 1 / (1 + 0.3275911 z) times exp(-z²) to 1e-7 (Abramowitz and Stegun,
    // 7.1.26), so that tail and density share one exponential.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T>
    {
        T bell = LaneMath.Exp(kept * kept * T.Broadcast(-0.5f));
        T t = T.Broadcast(1) / T.Fma(T.Abs(kept), T.Broadcast(0.3275911f * InverseSqrt2), T.Broadcast(1));
        T p = T.Broadcast(0.5f * 1.061405429f);
        p = T.Fma(p, t, T.Broadcast(0.5f * -1.453152027f));
        p = T.Fma(p, t, T.Broadcast(0.5f * 1.421413741f));
        p = T.Fma(p, t, T.Broadcast(0.5f * -0.284496736f));
        p = T.Fma(p, t, T.Broadcast(0.5f * 0.254829592f));
        T tail = p * t * bell;
        T distribution = T.Select(T.LessThan(kept, T.Zero), tail, T.Broadcast(1) - tail);
        return T.Fma(kept * bell, T.Broadcast(InverseSqrt2Pi), distribution);
    }
}

// With u = √(2/π) (x + 0.044715 x³) the tanh form x/2 (1 + tanh(u)) is x σ(2u), which loses no digits where tanh is near -1.
internal readonly struct GeluNewFunction : IActivationFunction
{
    private const float TwiceSqrtTwoOverPi = 1.5957691216f;
    private const float Cubic = 0.044715f;

    public static bool SlopeTakesValue => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> =>
        x * LaneMath.Sigmoid(x * T.Fma(x * x, T.Broadcast(TwiceSqrtTwoOverPi * Cubic), T.Broadcast(TwiceSqrtTwoOverPi)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T>
    {
        T square = kept * kept;
        T sigmoid = LaneMath.Sigmoid(kept * T.Fma(square, T.Broadcast(TwiceSqrtTwoOverPi * Cubic), T.Broadcast(TwiceSqrtTwoOverPi)));
        T innerSlope = T.Fma(square, T.Broadcast(3 * TwiceSqrtTwoOverPi * Cubic), T.Broadcast(TwiceSqrtTwoOverPi));
        return T.Fma(kept * sigmoid * (T.Broadcast(1) - sigmoid), innerSlope, sigmoid);
    }
}

internal readonly struct GeluQuickFunction : IActivationFunction
{
    private const float Steepness = 1.702f;

    public static bool SlopeTakesValue => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => x * LaneMath.Sigmoid(x * T.Broadcast(Steepness));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T>
    {
        T scaled = kept * T.Broadcast(Steepness);
        T sigmoid = LaneMath.Sigmoid(scaled);
        return T.Fma(scaled * sigmoid, T.Broadcast(1) - sigmoid, sigmoid);
    }
}

internal readonly struct SiluFunction : IActivationFunction
{
    public static bool SlopeTakesValue => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => x * LaneMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T>
    {
        T sigmoid = LaneMath.Sigmoid(kept);
        return T.Fma(kept * sigmoid, T.Broadcast(1) - sigmoid, sigmoid);
    }
}

internal readonly struct TanhFunction : IActivationFunction
{
    public static bool SlopeTakesValue => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => LaneMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T> => T.FmaNegated(kept, kept, T.Broadcast(1));
}

internal readonly struct SigmoidFunction : IActivationFunction
{
    public static bool SlopeTakesValue => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : struct, ILanes<T> => LaneMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T kept)
        where T : struct, ILanes<T> => T.FmaNegated(kept, kept, kept);
}
