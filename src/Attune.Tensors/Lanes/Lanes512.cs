using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors.Lanes;

/// <summary>Sixteen lanes in an AVX-512 register.</summary>
/// <remarks>
/// Only instruction-set classes are called, never <see cref="Vector512"/> itself: where the runtime thinks 512-bit code unwise
/// (<see cref="Vector512.IsHardwareAccelerated"/> false) the latter becomes pairs of 256-bit operations.
/// </remarks>
internal readonly unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> v = value;

    /// <summary>The register itself.</summary>
    public Vector512<float> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => v;
    }

    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    public static Lanes512 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => default;
    }

    public static Lanes512 IndexInt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Avx512F.BroadcastScalarToVector512(Vector128.CreateScalarUnsafe(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 BroadcastInt(int bits) =>
        new(Avx512F.BroadcastScalarToVector512(Vector128.CreateScalarUnsafe(bits)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Avx512F.LoadVector512(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RepeatTwo(float* source) =>
        new(Avx512F.BroadcastScalarToVector512(Vector128.CreateScalarUnsafe(*(double*)source)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RepeatFour(float* source) => new(Avx512F.BroadcastVector128ToVector512(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RepeatEight(float* source) => new(Avx512DQ.BroadcastVector256ToVector512(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadPartial(float* source, int count) =>
        new(Avx512F.MaskLoad(source, FirstLanes(count).v, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Lanes512 value) => Avx512F.Store(target, value.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* target, Lanes512 value, int count) => Avx512F.MaskStore(target, FirstLanes(count).v, value.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FirstLanes(int count) =>
        new(Avx512F.CompareGreaterThan(BroadcastInt(count).v.AsInt32(), IndexInt.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 left, Lanes512 right) => new(Avx512F.Add(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 left, Lanes512 right) => new(Avx512F.Subtract(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 left, Lanes512 right) => new(Avx512F.Multiply(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 left, Lanes512 right) => new(Avx512F.Divide(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 value) => value ^ BroadcastInt(int.MinValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator &(Lanes512 left, Lanes512 right) => new(Avx512DQ.And(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator |(Lanes512 left, Lanes512 right) => new(Avx512DQ.Or(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator ^(Lanes512 left, Lanes512 right) => new(Avx512DQ.Xor(left.v, right.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator ~(Lanes512 value) => value ^ BroadcastInt(-1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Fma(Lanes512 a, Lanes512 b, Lanes512 c) => new(Avx512F.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes512 sum, Lanes512 a, Lanes512 b) =>
        Unsafe.As<Lanes512, Vector512<float>>(ref sum) = Avx512F.FusedMultiplyAdd(a.v, b.v, sum.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FmaNegated(Lanes512 a, Lanes512 b, Lanes512 c) => new(Avx512F.FusedMultiplyAddNegated(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Avx512F.Max(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 a, Lanes512 b) => new(Avx512F.Min(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Abs(Lanes512 x) => x & BroadcastInt(int.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Sqrt(Lanes512 x) => new(Avx512F.Sqrt(x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Round(Lanes512 x) => new(Avx512F.RoundScale(x.v, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Floor(Lanes512 x) => new(Avx512F.RoundScale(x.v, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ScaleByPowerOfTwo(Lanes512 x, Lanes512 n) => new(Avx512F.Scale(x.v, n.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LessThan(Lanes512 a, Lanes512 b) => new(Avx512F.CompareLessThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LessThanOrEqual(Lanes512 a, Lanes512 b) => new(Avx512F.CompareLessThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterThan(Lanes512 a, Lanes512 b) => new(Avx512F.CompareGreaterThan(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterThanOrEqual(Lanes512 a, Lanes512 b) => new(Avx512F.CompareGreaterThanOrEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 EqualTo(Lanes512 a, Lanes512 b) => new(Avx512F.CompareEqual(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 IsNaN(Lanes512 x) => new(Avx512F.CompareUnordered(x.v, x.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Select(Lanes512 mask, Lanes512 whenTrue, Lanes512 whenFalse) =>
        new(Avx512F.BlendVariable(whenFalse.v, whenTrue.v, mask.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Lanes512 mask) => Avx512F.MoveMask(mask.v) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 x) =>
        Lanes256.Sum(new(Avx.Add(Avx512DQ.ExtractVector256(x.v, 0), Avx512DQ.ExtractVector256(x.v, 1))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes512 x) =>
        Lanes256.MaxAcross(new(Avx.Max(Avx512DQ.ExtractVector256(x.v, 0), Avx512DQ.ExtractVector256(x.v, 1))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinAcross(Lanes512 x) =>
        Lanes256.MinAcross(new(Avx.Min(Avx512DQ.ExtractVector256(x.v, 0), Avx512DQ.ExtractVector256(x.v, 1))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ToInt(Lanes512 x) => new(Avx512F.ConvertToVector512Int32(x.v).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FromInt(Lanes512 bits) => new(Avx512F.ConvertToVector512Single(bits.v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddInt(Lanes512 a, Lanes512 b) => new(Avx512F.Add(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SubtractInt(Lanes512 a, Lanes512 b) => new(Avx512F.Subtract(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyLowInt(Lanes512 a, Lanes512 b) => new(Avx512F.MultiplyLow(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyWideInt(Lanes512 a, Lanes512 b, out Lanes512 high)
    {
        Vector512<ulong> even = Avx512F.Multiply(a.v.AsUInt32(), b.v.AsUInt32());
        Vector512<ulong> odd = Avx512F.Multiply(
            Avx512F.ShiftRightLogical(a.v.AsUInt64(), 32).AsUInt32(), Avx512F.ShiftRightLogical(b.v.AsUInt64(), 32).AsUInt32());
        Vector512<uint> odds = Vector512.Create(0xFFFFFFFF00000000UL).AsUInt32();
        high = new(Avx512F.BlendVariable(Avx512F.ShiftRightLogical(even, 32).AsUInt32(), odd.AsUInt32(), odds).AsSingle());
        return new(Avx512F.BlendVariable(even.AsUInt32(), Avx512F.ShiftLeftLogical(odd, 32).AsUInt32(), odds).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterThanInt(Lanes512 a, Lanes512 b) =>
        new(Avx512F.CompareGreaterThan(a.v.AsInt32(), b.v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftLeft(Lanes512 bits, [ConstantExpected] byte count) => new(Avx512F.ShiftLeftLogical(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftRightLogical(Lanes512 bits, [ConstantExpected] byte count) =>
        new(Avx512F.ShiftRightLogical(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftRightArithmetic(Lanes512 bits, [ConstantExpected] byte count) =>
        new(Avx512F.ShiftRightArithmetic(bits.v.AsInt32(), count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAddPairsInt(Lanes512 a, Lanes512 b) =>
        new(Avx512BW.MultiplyAddAdjacent(a.v.AsInt16(), b.v.AsInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* target, Lanes512 bits) => Sse2.Store(target, Avx512F.ConvertToVector128Byte(bits.v.AsUInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, Lanes512 bits) => Avx.Store(target, Avx512F.ConvertToVector256UInt16(bits.v.AsUInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Unzip(Lanes512 a, Lanes512 b, int size, out Lanes512 odd)
    {
        switch (size)
        {
            case 1:
                odd = new(Avx512F.PermuteVar16x32x2(
                    a.v, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), b.v));
                return new(Avx512F.PermuteVar16x32x2(
                    a.v, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b.v));
            case 2:
                odd = new(Avx512F.PermuteVar8x64x2(a.v.AsDouble(), Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15), b.v.AsDouble()).AsSingle());
                return new(Avx512F.PermuteVar8x64x2(a.v.AsDouble(), Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14), b.v.AsDouble()).AsSingle());
            case 4:
                odd = new(Avx512F.Shuffle4x128(a.v, b.v, 0xDD));
                return new(Avx512F.Shuffle4x128(a.v, b.v, 0x88));
            default:
                odd = new(Avx512F.Shuffle4x128(a.v, b.v, 0xEE));
                return new(Avx512F.Shuffle4x128(a.v, b.v, 0x44));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride)
    {
        var r0 = Avx512F.LoadVector512(source + (0 * sourceStride));
        var r1 = Avx512F.LoadVector512(source + (1 * sourceStride));
        var r2 = Avx512F.LoadVector512(source + (2 * sourceStride));
        var r3 = Avx512F.LoadVector512(source + (3 * sourceStride));
        var r4 = Avx512F.LoadVector512(source + (4 * sourceStride));
        var r5 = Avx512F.LoadVector512(source + (5 * sourceStride));
        var r6 = Avx512F.LoadVector512(source + (6 * sourceStride));
        var r7 = Avx512F.LoadVector512(source + (7 * sourceStride));
        var r8 = Avx512F.LoadVector512(source + (8 * sourceStride));
        var r9 = Avx512F.LoadVector512(source + (9 * sourceStride));
        var r10 = Avx512F.LoadVector512(source + (10 * sourceStride));
        var r11 = Avx512F.LoadVector512(source + (11 * sourceStride));
        var r12 = Avx512F.LoadVector512(source + (12 * sourceStride));
        var r13 = Avx512F.LoadVector512(source + (13 * sourceStride));
        var r14 = Avx512F.LoadVector512(source + (14 * sourceStride));
        var r15 = Avx512F.LoadVector512(source + (15 * sourceStride));

        // Pairs of rows interleaved: t0 holds, in each quarter q, columns 4q and 4q + 1 of rows 0, 1.
        var t0 = Avx512F.UnpackLow(r0, r1);
        var t1 = Avx512F.UnpackHigh(r0, r1);
        var t2 = Avx512F.UnpackLow(r2, r3);
        var t3 = Avx512F.UnpackHigh(r2, r3);
        var t4 = Avx512F.UnpackLow(r4, r5);
        var t5 = Avx512F.UnpackHigh(r4, r5);
        var t6 = Avx512F.UnpackLow(r6, r7);
        var t7 = Avx512F.UnpackHigh(r6, r7);
        var t8 = Avx512F.UnpackLow(r8, r9);
        var t9 = Avx512F.UnpackHigh(r8, r9);
        var t10 = Avx512F.UnpackLow(r10, r11);
        var t11 = Avx512F.UnpackHigh(r10, r11);
        var t12 = Avx512F.UnpackLow(r12, r13);
        var t13 = Avx512F.UnpackHigh(r12, r13);
        var t14 = Avx512F.UnpackLow(r14, r15);
        var t15 = Avx512F.UnpackHigh(r14, r15);

        // Four rows of one column: u0 holds, in quarter q, column 4q of rows 0 to 3; u4 the same of rows 4 to 7.
        var u0 = Avx512F.Shuffle(t0, t2, 0x44);
        var u1 = Avx512F.Shuffle(t0, t2, 0xEE);
        var u2 = Avx512F.Shuffle(t1, t3, 0x44);
        var u3 = Avx512F.Shuffle(t1, t3, 0xEE);
        var u4 = Avx512F.Shuffle(t4, t6, 0x44);
        var u5 = Avx512F.Shuffle(t4, t6, 0xEE);
        var u6 = Avx512F.Shuffle(t5, t7, 0x44);
        var u7 = Avx512F.Shuffle(t5, t7, 0xEE);
        var u8 = Avx512F.Shuffle(t8, t10, 0x44);
        var u9 = Avx512F.Shuffle(t8, t10, 0xEE);
        var u10 = Avx512F.Shuffle(t9, t11, 0x44);
        var u11 = Avx512F.Shuffle(t9, t11, 0xEE);
        var u12 = Avx512F.Shuffle(t12, t14, 0x44);
        var u13 = Avx512F.Shuffle(t12, t14, 0xEE);
        var u14 = Avx512F.Shuffle(t13, t15, 0x44);
        var u15 = Avx512F.Shuffle(t13, t15, 0xEE);

        // Quarters gathered in two steps: columns c, c + 8 (even), then c + 4, c + 12 (odd) of eight rows; then of all sixteen.
        var e0 = Avx512F.Shuffle4x128(u0, u4, 0x88);
        var o0 = Avx512F.Shuffle4x128(u0, u4, 0xDD);
        var f0 = Avx512F.Shuffle4x128(u8, u12, 0x88);
        var p0 = Avx512F.Shuffle4x128(u8, u12, 0xDD);
        var e1 = Avx512F.Shuffle4x128(u1, u5, 0x88);
        var o1 = Avx512F.Shuffle4x128(u1, u5, 0xDD);
        var f1 = Avx512F.Shuffle4x128(u9, u13, 0x88);
        var p1 = Avx512F.Shuffle4x128(u9, u13, 0xDD);
        var e2 = Avx512F.Shuffle4x128(u2, u6, 0x88);
        var o2 = Avx512F.Shuffle4x128(u2, u6, 0xDD);
        var f2 = Avx512F.Shuffle4x128(u10, u14, 0x88);
        var p2 = Avx512F.Shuffle4x128(u10, u14, 0xDD);
        var e3 = Avx512F.Shuffle4x128(u3, u7, 0x88);
        var o3 = Avx512F.Shuffle4x128(u3, u7, 0xDD);
        var f3 = Avx512F.Shuffle4x128(u11, u15, 0x88);
        var p3 = Avx512F.Shuffle4x128(u11, u15, 0xDD);

        Avx512F.Store(target + (0 * targetStride), Avx512F.Shuffle4x128(e0, f0, 0x88));
        Avx512F.Store(target + (1 * targetStride), Avx512F.Shuffle4x128(e1, f1, 0x88));
        Avx512F.Store(target + (2 * targetStride), Avx512F.Shuffle4x128(e2, f2, 0x88));
        Avx512F.Store(target + (3 * targetStride), Avx512F.Shuffle4x128(e3, f3, 0x88));
        Avx512F.Store(target + (4 * targetStride), Avx512F.Shuffle4x128(o0, p0, 0x88));
        Avx512F.Store(target + (5 * targetStride), Avx512F.Shuffle4x128(o1, p1, 0x88));
        Avx512F.Store(target + (6 * targetStride), Avx512F.Shuffle4x128(o2, p2, 0x88));
        Avx512F.Store(target + (7 * targetStride), Avx512F.Shuffle4x128(o3, p3, 0x88));
        Avx512F.Store(target + (8 * targetStride), Avx512F.Shuffle4x128(e0, f0, 0xDD));
        Avx512F.Store(target + (9 * targetStride), Avx512F.Shuffle4x128(e1, f1, 0xDD));
        Avx512F.Store(target + (10 * targetStride), Avx512F.Shuffle4x128(e2, f2, 0xDD));
        Avx512F.Store(target + (11 * targetStride), Avx512F.Shuffle4x128(e3, f3, 0xDD));
        Avx512F.Store(target + (12 * targetStride), Avx512F.Shuffle4x128(o0, p0, 0xDD));
        Avx512F.Store(target + (13 * targetStride), Avx512F.Shuffle4x128(o1, p1, 0xDD));
        Avx512F.Store(target + (14 * targetStride), Avx512F.Shuffle4x128(o2, p2, 0xDD));
        Avx512F.Store(target + (15 * targetStride), Avx512F.Shuffle4x128(o3, p3, 0xDD));
    }
}
