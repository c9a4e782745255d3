using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors.Lanes;

/// <summary>Eight lanes in an AVX register; the CPU must have AVX2 and FMA.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    private readonly Vector256<float> v = value;

    /// <summary>The register itself.</summary>
    public Vector256<float> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => v;
    }

    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    public static Lanes256 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => default;
    }

    public static Lanes256 IndexInt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Avx2.BroadcastScalarToVector256(Vector128.CreateScalarUnsafe(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 BroadcastInt(int bits) =>
        new(Avx2.BroadcastScalarToVector256(Vector128.CreateScalarUnsafe(bits)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Avx.LoadVector256(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RepeatTwo(float* source) => new(Avx.BroadcastScalarToVector256((double*)source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RepeatFour(float* source) => new(Avx.BroadcastVector128ToVector256(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RepeatEight(float* source) => Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadPartial(float* source, int count) => new(Avx.MaskLoad(source, FirstLanes(count).v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Lanes256 value) => Avx.Store(target, value.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* target, Lanes256 value, int count) => Avx.MaskStore(target, FirstLanes(count).v, value.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FirstLanes(int count) =>
        new(Avx2.CompareGreaterThan(BroadcastInt(count).v.AsInt32(), IndexInt.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => new(Avx.Add(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => new(Avx.Subtract(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => new(Avx.Multiply(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => new(Avx.Divide(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 value) => value ^ BroadcastInt(int.MinValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator &(Lanes256 left, Lanes256 right) => new(Avx.And(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator |(Lanes256 left, Lanes256 right) => new(Avx.Or(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator ^(Lanes256 left, Lanes256 right) => new(Avx.Xor(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator ~(Lanes256 value) => value ^ BroadcastInt(-1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Fma(Lanes256 a, Lanes256 b, Lanes256 c) => new(System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes256 sum, Lanes256 a, Lanes256 b) =>
        Unsafe.As<Lanes256, Vector256<float>>(ref sum) = System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a.v, b.v, sum.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FmaNegated(Lanes256 a, Lanes256 b, Lanes256 c) => new(System.Runtime.Intrinsics.X86.Fma.MultiplyAddNegated(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Avx.Max(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Avx.Min(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 x) => x & BroadcastInt(int.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 x) => new(Avx.Sqrt(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Round(Lanes256 x) => new(Avx.RoundToNearestInteger(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Floor(Lanes256 x) => new(Avx.RoundToNegativeInfinity(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ScaleByPowerOfTwo(Lanes256 x, Lanes256 n)
    {
        // Two factors, so that each is a normal number although the product may not be.
        var whole = ToInt(n);
        var half = ShiftRightArithmetic(whole, 1);
        return x * PowerOfTwo(half) * PowerOfTwo(SubtractInt(whole, half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LessThan(Lanes256 a, Lanes256 b) => new(Avx.CompareLessThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LessThanOrEqual(Lanes256 a, Lanes256 b) => new(Avx.CompareLessThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThan(Lanes256 a, Lanes256 b) => new(Avx.CompareGreaterThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThanOrEqual(Lanes256 a, Lanes256 b) => new(Avx.CompareGreaterThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 EqualTo(Lanes256 a, Lanes256 b) => new(Avx.CompareEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 IsNaN(Lanes256 x) => new(Avx.CompareUnordered(x.v, x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 whenTrue, Lanes256 whenFalse) =>
        new(Avx.BlendVariable(whenFalse.v, whenTrue.v, mask.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Lanes256 mask) => Avx.MoveMask(mask.v) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 x)
    {
        var four = Sse.Add(x.v.GetLower(), x.v.GetUpper());
        var two = Sse.Add(four, Sse.MoveHighToLow(four, four));
        return Sse.AddScalar(two, Sse.Shuffle(two, two, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes256 x)
    {
        var four = Sse.Max(x.v.GetLower(), x.v.GetUpper());
        var two = Sse.Max(four, Sse.MoveHighToLow(four, four));
        return Sse.MaxScalar(two, Sse.Shuffle(two, two, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinAcross(Lanes256 x)
    {
        var four = Sse.Min(x.v.GetLower(), x.v.GetUpper());
        var two = Sse.Min(four, Sse.MoveHighToLow(four, four));
        return Sse.MinScalar(two, Sse.Shuffle(two, two, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ToInt(Lanes256 x) => new(Avx.ConvertToVector256Int32(x.v).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FromInt(Lanes256 bits) => new(Avx.ConvertToVector256Single(bits.v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddInt(Lanes256 a, Lanes256 b) => new(Avx2.Add(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SubtractInt(Lanes256 a, Lanes256 b) => new(Avx2.Subtract(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyLowInt(Lanes256 a, Lanes256 b) => new(Avx2.MultiplyLow(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyWideInt(Lanes256 a, Lanes256 b, out Lanes256 high)
    {
        const byte odds = 0b10101010;
        Vector256<ulong> even = Avx2.Multiply(a.v.AsUInt32(), b.v.AsUInt32());
        Vector256<ulong> odd = Avx2.Multiply(
            Avx2.ShiftRightLogical(a.v.AsUInt64(), 32).AsUInt32(), Avx2.ShiftRightLogical(b.v.AsUInt64(), 32).AsUInt32());
        high = new(Avx2.Blend(Avx2.ShiftRightLogical(even, 32).AsUInt32(), odd.AsUInt32(), odds).AsSingle());
        return new(Avx2.Blend(even.AsUInt32(), Avx2.ShiftLeftLogical(odd, 32).AsUInt32(), odds).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThanInt(Lanes256 a, Lanes256 b) =>
        new(Avx2.CompareGreaterThan(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftLeft(Lanes256 bits, [ConstantExpected] byte count) => new(Avx2.ShiftLeftLogical(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftRightLogical(Lanes256 bits, [ConstantExpected] byte count) =>
        new(Avx2.ShiftRightLogical(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftRightArithmetic(Lanes256 bits, [ConstantExpected] byte count) =>
        new(Avx2.ShiftRightArithmetic(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAddPairsInt(Lanes256 a, Lanes256 b) =>
        new(Avx2.MultiplyAddAdjacent(a.v.AsInt16(), b.v.AsInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* target, Lanes256 bits)
    {
        var halves = Halves(bits & BroadcastInt(byte.MaxValue)).AsInt16();
        Sse2.StoreLow((double*)target, Sse2.PackUnsignedSaturate(halves, halves).AsDouble());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, Lanes256 bits) => Sse2.Store(target, Halves(bits & BroadcastInt(ushort.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Unzip(Lanes256 a, Lanes256 b, int size, out Lanes256 odd)
    {
        switch (size)
        {
            case 1:
                odd = new(Avx2.Permute4x64(Avx.Shuffle(a.v, b.v, 0xDD).AsDouble(), 0xD8).AsSingle());
                return new(Avx2.Permute4x64(Avx.Shuffle(a.v, b.v, 0x88).AsDouble(), 0xD8).AsSingle());
            case 2:
                odd = new(Avx2.Permute4x64(Avx.UnpackHigh(a.v.AsDouble(), b.v.AsDouble()), 0xD8).AsSingle());
                return new(Avx2.Permute4x64(Avx.UnpackLow(a.v.AsDouble(), b.v.AsDouble()), 0xD8).AsSingle());
            default:
                odd = new(Avx.Permute2x128(a.v, b.v, 0x31));
                return new(Avx.Permute2x128(a.v, b.v, 0x20));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride)
    {
        var r0 = Avx.LoadVector256(source + (0 * sourceStride));
        var r1 = Avx.LoadVector256(source + (1 * sourceStride));
        var r2 = Avx.LoadVector256(source + (2 * sourceStride));
        var r3 = Avx.LoadVector256(source + (3 * sourceStride));
        var r4 = Avx.LoadVector256(source + (4 * sourceStride));
        var r5 = Avx.LoadVector256(source + (5 * sourceStride));
        var r6 = Avx.LoadVector256(source + (6 * sourceStride));
        var r7 = Avx.LoadVector256(source + (7 * sourceStride));

        // Pairs of rows interleaved: t0 holds columns 0, 1 (and 4, 5) of rows 0, 1.
        var t0 = Avx.UnpackLow(r0, r1);
        var t1 = Avx.UnpackHigh(r0, r1);
        var t2 = Avx.UnpackLow(r2, r3);
        var t3 = Avx.UnpackHigh(r2, r3);
        var t4 = Avx.UnpackLow(r4, r5);
        var t5 = Avx.UnpackHigh(r4, r5);
        var t6 = Avx.UnpackLow(r6, r7);
        var t7 = Avx.UnpackHigh(r6, r7);

        // Four rows of one column in each half: u0 holds column 0 (and 4) of rows 0 to 3.
        var u0 = Avx.Shuffle(t0, t2, 0x44);
        var u1 = Avx.Shuffle(t0, t2, 0xEE);
        var u2 = Avx.Shuffle(t1, t3, 0x44);
        var u3 = Avx.Shuffle(t1, t3, 0xEE);
        var u4 = Avx.Shuffle(t4, t6, 0x44);
        var u5 = Avx.Shuffle(t4, t6, 0xEE);
        var u6 = Avx.Shuffle(t5, t7, 0x44);
        var u7 = Avx.Shuffle(t5, t7, 0xEE);

        Avx.Store(target + (0 * targetStride), Avx.Permute2x128(u0, u4, 0x20));
        Avx.Store(target + (1 * targetStride), Avx.Permute2x128(u1, u5, 0x20));
        Avx.Store(target + (2 * targetStride), Avx.Permute2x128(u2, u6, 0x20));
        Avx.Store(target + (3 * targetStride), Avx.Permute2x128(u3, u7, 0x20));
        Avx.Store(target + (4 * targetStride), Avx.Permute2x128(u0, u4, 0x31));
        Avx.Store(target + (5 * targetStride), Avx.Permute2x128(u1, u5, 0x31));
        Avx.Store(target + (6 * targetStride), Avx.Permute2x128(u2, u6, 0x31));
        Avx.Store(target + (7 * targetStride), Avx.Permute2x128(u3, u7, 0x31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes256 PowerOfTwo(Lanes256 exponent) => ShiftLeft(AddInt(exponent, BroadcastInt(127)), 23);

    /// <summary>The lanes, each below 65536, as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Halves(Lanes256 bits) => Sse41.PackUnsignedSaturate(bits.v.AsInt32().GetLower(), bits.v.AsInt32().GetUpper());
}
