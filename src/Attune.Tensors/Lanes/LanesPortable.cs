using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Attune.Tensors.Lanes;

/// <summary>Four lanes through the portable vector type of .NET: SSE, NEON or, where neither exists, plain code.</summary>
internal readonly unsafe struct LanesPortable(Vector128<float> value) : ILanes<LanesPortable>
{
    private readonly Vector128<float> v = value;

    /// <summary>The register itself.</summary>
    public Vector128<float> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => v;
    }

    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    public static LanesPortable Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => default;
    }

    public static LanesPortable IndexInt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128.Create(0, 1, 2, 3).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable BroadcastInt(int bits) => new(Vector128.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable RepeatTwo(float* source) => new(Vector128.Create(*(double*)source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable RepeatFour(float* source) => Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable RepeatEight(float* source) => Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable LoadPartial(float* source, int count) => count switch
    {
        >= 4 => new(Vector128.Load(source)),
        3 => new(Vector128.Create(source[0], source[1], source[2], 0)),
        2 => new(Vector128.Create(source[0], source[1], 0, 0)),
        1 => new(Vector128.CreateScalar(source[0])),
        _ => default,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, LanesPortable value) => value.v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* target, LanesPortable value, int count)
    {
        if (count >= 4)
        {
            value.v.Store(target);
            return;
        }

        if (count >= 1)
            target[0] = value.v.GetElement(0);
        if (count >= 2)
            target[1] = value.v.GetElement(1);
        if (count >= 3)
            target[2] = value.v.GetElement(2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable FirstLanes(int count) =>
        new(Vector128.GreaterThan(Vector128.Create(count), Vector128.Create(0, 1, 2, 3)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator +(LanesPortable left, LanesPortable right) => new(left.v + right.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator -(LanesPortable left, LanesPortable right) => new(left.v - right.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator *(LanesPortable left, LanesPortable right) => new(left.v * right.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator /(LanesPortable left, LanesPortable right) => new(left.v / right.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator -(LanesPortable value) => new(-value.v);

    // Bits are combined as integers: the JIT reads small integers that meet float32 operations as denormal constants, and turns them into
    // zeros where it compiles on a thread that flushes denormals.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator &(LanesPortable left, LanesPortable right) => new((left.v.AsInt32() & right.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator |(LanesPortable left, LanesPortable right) => new((left.v.AsInt32() | right.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator ^(LanesPortable left, LanesPortable right) => new((left.v.AsInt32() ^ right.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable operator ~(LanesPortable value) => new((~value.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Fma(LanesPortable a, LanesPortable b, LanesPortable c) => new(Vector128.MultiplyAddEstimate(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref LanesPortable sum, LanesPortable a, LanesPortable b) =>
        Unsafe.As<LanesPortable, Vector128<float>>(ref sum) = Vector128.MultiplyAddEstimate(a.v, b.v, sum.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable FmaNegated(LanesPortable a, LanesPortable b, LanesPortable c) =>
        new(Vector128.MultiplyAddEstimate(-a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Max(LanesPortable a, LanesPortable b) => new(Vector128.Max(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Min(LanesPortable a, LanesPortable b) => new(Vector128.Min(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Abs(LanesPortable x) => new(Vector128.Abs(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Sqrt(LanesPortable x) => new(Vector128.Sqrt(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Round(LanesPortable x) => new(Vector128.Round(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Floor(LanesPortable x) => new(Vector128.Floor(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable ScaleByPowerOfTwo(LanesPortable x, LanesPortable n)
    {
        // Two factors, so that each is a normal number although the product may not be.
        var whole = ToInt(n);
        var half = ShiftRightArithmetic(whole, 1);
        return x * PowerOfTwo(half) * PowerOfTwo(SubtractInt(whole, half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable LessThan(LanesPortable a, LanesPortable b) => new(Vector128.LessThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable LessThanOrEqual(LanesPortable a, LanesPortable b) => new(Vector128.LessThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable GreaterThan(LanesPortable a, LanesPortable b) => new(Vector128.GreaterThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable GreaterThanOrEqual(LanesPortable a, LanesPortable b) => new(Vector128.GreaterThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable EqualTo(LanesPortable a, LanesPortable b) => new(Vector128.Equals(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable IsNaN(LanesPortable x) => new(Vector128.IsNaN(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Select(LanesPortable mask, LanesPortable whenTrue, LanesPortable whenFalse) =>
        new(Vector128.ConditionalSelect(mask.v.AsInt32(), whenTrue.v.AsInt32(), whenFalse.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(LanesPortable mask) => mask.v.ExtractMostSignificantBits() != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(LanesPortable x)
    {
        var two = x.v + Vector128.Shuffle(x.v, Vector128.Create(2, 3, 0, 1));
        return two.GetElement(0) + two.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(LanesPortable x) =>
        MathF.Max(MathF.Max(x.v.GetElement(0), x.v.GetElement(1)), MathF.Max(x.v.GetElement(2), x.v.GetElement(3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinAcross(LanesPortable x) =>
        MathF.Min(MathF.Min(x.v.GetElement(0), x.v.GetElement(1)), MathF.Min(x.v.GetElement(2), x.v.GetElement(3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable ToInt(LanesPortable x) => new(Vector128.ConvertToInt32(Vector128.Round(x.v)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable FromInt(LanesPortable bits) => new(Vector128.ConvertToSingle(bits.v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable AddInt(LanesPortable a, LanesPortable b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable SubtractInt(LanesPortable a, LanesPortable b) => new((a.v.AsInt32() - b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable MultiplyLowInt(LanesPortable a, LanesPortable b) => new((a.v.AsInt32() * b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable MultiplyWideInt(LanesPortable a, LanesPortable b, out LanesPortable high)
    {
        (Vector128<ulong> leftLow, Vector128<ulong> leftHigh) = Vector128.Widen(a.v.AsUInt32());
        (Vector128<ulong> rightLow, Vector128<ulong> rightHigh) = Vector128.Widen(b.v.AsUInt32());
        Vector128<ulong> low = leftLow * rightLow, upper = leftHigh * rightHigh;
        high = new(Vector128.Narrow(low >> 32, upper >> 32).AsSingle());
        return new(Vector128.Narrow(low, upper).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable GreaterThanInt(LanesPortable a, LanesPortable b) =>
        new(Vector128.GreaterThan(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable ShiftLeft(LanesPortable bits, [ConstantExpected] byte count) => new((bits.v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable ShiftRightLogical(LanesPortable bits, [ConstantExpected] byte count) => new((bits.v.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable ShiftRightArithmetic(LanesPortable bits, [ConstantExpected] byte count) => new((bits.v.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable MultiplyAddPairsInt(LanesPortable a, LanesPortable b)
    {
        Vector128<int> left = a.v.AsInt32(), right = b.v.AsInt32();
        return new(((((left << 16) >> 16) * ((right << 16) >> 16)) + ((left >> 16) * (right >> 16))).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* target, LanesPortable bits)
    {
        var halves = Vector128.Narrow(bits.v.AsUInt32(), bits.v.AsUInt32());
        Unsafe.WriteUnaligned(target, Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesPortable Unzip(LanesPortable a, LanesPortable b, int size, out LanesPortable odd)
    {
        var (x, y) = (a.v, b.v);
        if (size == 1)
        {
            x = Vector128.Shuffle(x, Vector128.Create(0, 2, 1, 3));
            y = Vector128.Shuffle(y, Vector128.Create(0, 2, 1, 3));
        }

        odd = new(Vector128.Create(x.GetUpper(), y.GetUpper()));
        return new(Vector128.Create(x.GetLower(), y.GetLower()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, LanesPortable bits) =>
        Unsafe.WriteUnaligned(target, Vector128.Narrow(bits.v.AsUInt32(), bits.v.AsUInt32()).AsUInt64().ToScalar());

    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride)
    {
        for (var row = 0; row < 4; row++)
        {
            var column = Vector128.Create(
                source[row], source[sourceStride + row], source[(2 * sourceStride) + row], source[(3 * sourceStride) + row]);
            column.Store(target + (row * targetStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LanesPortable PowerOfTwo(LanesPortable exponent) => ShiftLeft(AddInt(exponent, BroadcastInt(127)), 23);
}
