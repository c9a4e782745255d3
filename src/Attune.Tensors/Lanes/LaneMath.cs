using System.Runtime.CompilerServices;

namespace Attune.Tensors.Lanes;

/// <summary>Elementary functions over lanes. Stated errors hold over all finite float32 arguments, for every lane width.</summary>
/// <remarks>
/// A NaN gives NaN. The rational forms were fitted to the functions by weighted least squares, reweighted towards the largest
/// relative error (Lawson's method); the logarithm and the exponential are polynomials after the usual reduction by powers of two.
/// Denormal arguments and results follow the thread's mode, see <see cref="FloatingPoint"/>.
/// </remarks>
internal static class LaneMath
{
    private const float Ln2High = 0.693359375f; // Few bits: its products with integers below 2^15 are exact.
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>e^x. Error below 2 ulp; infinity above 88.722839, zero below -103.98.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Max(T.Broadcast(-104.5f), T.Min(T.Broadcast(89.5f), x));
        var n = T.Round(x * T.Broadcast(1.44269504f));
        var r = T.FmaNegated(n, T.Broadcast(Ln2High), x);
        r = T.FmaNegated(n, T.Broadcast(Ln2Low), r);
        var p = T.Broadcast(1.39517174e-3f);
        p = T.Fma(p, r, T.Broadcast(8.36959854e-3f));
        p = T.Fma(p, r, T.Broadcast(4.16661873e-2f));
        p = T.Fma(p, r, T.Broadcast(1.66665122e-1f));
        p = T.Fma(p, r, T.Broadcast(0.5f));
        p = T.Fma(p * r, r, r) + T.Broadcast(1);
        return T.ScaleByPowerOfTwo(p, n);
    }

    /// <summary>The natural logarithm. Error below 2 ulp; minus infinity at zero, NaN below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T x)
        where T : struct, ILanes<T>
    {
        var tiny = T.LessThan(x, T.Broadcast(1.17549435e-38f));
        var scaled = T.Select(tiny, x * T.Broadcast(8388608), x);

        // scaled = m * 2^e with m between sqrt(1/2) and sqrt(2).
        var e = T.ShiftRightArithmetic(T.SubtractInt(scaled, T.BroadcastInt(0x3f3504f3)), 23);
        var f = T.SubtractInt(scaled, T.ShiftLeft(e, 23)) - T.Broadcast(1);
        var exponent = T.FromInt(e) - (tiny & T.Broadcast(23));

        var p = T.Broadcast(-7.92674273e-2f);
        p = T.Fma(p, f, T.Broadcast(1.29751399e-1f));
        p = T.Fma(p, f, T.Broadcast(-1.31460533e-1f));
        p = T.Fma(p, f, T.Broadcast(1.41690239e-1f));
        p = T.Fma(p, f, T.Broadcast(-1.66217238e-1f));
        p = T.Fma(p, f, T.Broadcast(2.00027496e-1f));
        p = T.Fma(p, f, T.Broadcast(-2.50008941e-1f));
        p = T.Fma(p, f, T.Broadcast(3.33333105e-1f));
        var square = f * f;
        var r = T.Fma(exponent, T.Broadcast(Ln2Low), p * square * f);
        r = T.FmaNegated(square, T.Broadcast(0.5f), r);
        r = T.Fma(exponent, T.Broadcast(Ln2High), f + r);

        r = T.Select(T.EqualTo(x, T.Broadcast(float.PositiveInfinity)), x, r);
        r = T.Select(T.EqualTo(x, T.Zero), T.Broadcast(float.NegativeInfinity), r);
        return T.Select(T.GreaterThanOrEqual(x, T.Zero), r, T.Broadcast(float.NaN));
    }

    /// <summary>The hyperbolic tangent. Absolute error below 3.5e-7, relative error below 4e-7; never beyond 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Max(T.Broadcast(-9.02f), T.Min(T.Broadcast(9.02f), x));
        var u = x * x;
        var p = T.Broadcast(1.3339855e-8f);
        p = T.Fma(p, u, T.Broadcast(2.05984386e-5f));
        p = T.Fma(p, u, T.Broadcast(3.4949425e-3f));
        p = T.Fma(p, u, T.Broadcast(0.133804823f));
        p = T.Fma(p, u, T.Broadcast(0.999999979f));
        var q = T.Broadcast(7.77051184e-7f);
        q = T.Fma(q, u, T.Broadcast(3.28457825e-4f));
        q = T.Fma(q, u, T.Broadcast(2.58745268e-2f));
        q = T.Fma(q, u, T.Broadcast(0.467137977f));
        q = T.Fma(q, u, T.Broadcast(1));
        return WithinOne(x * p / q);
    }

    /// <summary>The error function. Absolute error below 4e-7, relative error below 4e-7; never beyond 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Erf<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Max(T.Broadcast(-3.95f), T.Min(T.Broadcast(3.95f), x));
        var u = x * x;
        var p = T.Broadcast(2.02998994e-6f);
        p = T.Fma(p, u, T.Broadcast(2.84714828e-4f));
        p = T.Fma(p, u, T.Broadcast(3.80078968e-3f));
        p = T.Fma(p, u, T.Broadcast(5.28534212e-2f));
        p = T.Fma(p, u, T.Broadcast(0.191352913f));
        p = T.Fma(p, u, T.Broadcast(1.12837914f));
        var q = T.Broadcast(3.78754097e-5f);
        q = T.Fma(q, u, T.Broadcast(1.16929536e-3f));
        q = T.Fma(q, u, T.Broadcast(1.50401991e-2f));
        q = T.Fma(q, u, T.Broadcast(0.114481738f));
        q = T.Fma(q, u, T.Broadcast(0.502914791f));
        q = T.Fma(q, u, T.Broadcast(1));
        return WithinOne(x * p / q);
    }

    /// <summary>The logistic function 1 / (1 + e^-x). Absolute error below 1.5e-7, relative error below 3 ulp; zero instead of denormals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T x)
        where T : struct, ILanes<T>
        => T.Broadcast(1) / (T.Broadcast(1) + Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T WithinOne<T>(T x)
        where T : struct, ILanes<T>
        => T.Max(T.Broadcast(-1), T.Min(T.Broadcast(1), x));
}
