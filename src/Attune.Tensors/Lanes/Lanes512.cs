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
}
