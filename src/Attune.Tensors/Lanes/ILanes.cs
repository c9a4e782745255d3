using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Attune.Tensors.Lanes;

/// <summary>
/// A register of float32 lanes. An elementwise or row kernel is written once against this interface; the JIT compiles it anew
/// for every implementing struct, and each operation below becomes one or a few instructions.
/// </summary>
/// <remarks>
/// Results may differ in the last bits between implementations (width of sums, fused or separate rounding), never between runs or
/// thread counts. Masks are registers whose lanes are all ones or all zeros; the results of comparisons are masks, and a comparison
/// with NaN is false (except <see cref="IsNaN"/>).
/// </remarks>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface ILanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>,
    IUnaryNegationOperators<TSelf, TSelf>,
    IBitwiseOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Width { get; }

    /// <summary>All lanes zero.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>All lanes <paramref name="value"/>.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>All lanes the integer <paramref name="bits"/>.</summary>
    static abstract TSelf BroadcastInt(int bits);

    /// <summary>The integers 0, 1, 2, ... in order.</summary>
    static abstract TSelf IndexInt { get; }

    /// <summary>Reads <see cref="Width"/> values; no alignment needed.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Reads two values and repeats them over the register.</summary>
    static abstract TSelf RepeatTwo(float* source);

    /// <summary>Reads four values and repeats them over the register.</summary>
    static abstract TSelf RepeatFour(float* source);

    /// <summary>Reads eight values and repeats them over the register; those that do not fit are left out.</summary>
    static abstract TSelf RepeatEight(float* source);

    /// <summary>Reads the first <paramref name="count"/> values (0 to <see cref="Width"/>) and touches no memory beyond; other lanes are zero.</summary>
    static abstract TSelf LoadPartial(float* source, int count);

    /// <summary>Writes <see cref="Width"/> values; no alignment needed.</summary>
    static abstract void Store(float* target, TSelf value);

    /// <summary>Writes the first <paramref name="count"/> lanes (0 to <see cref="Width"/>) and touches no memory beyond.</summary>
    static abstract void StorePartial(float* target, TSelf value, int count);

    /// <summary>A mask of the first <paramref name="count"/> lanes (0 to <see cref="Width"/>).</summary>
    static abstract TSelf FirstLanes(int count);

    /// <summary><c>a * b + c</c>; rounded once where the CPU has a fused instruction.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>Adds <c>a * b</c> to <paramref name="sum"/>, as <see cref="Fma"/> does, for sums that stay in registers over a loop.</summary>
    /// <remarks>
    /// The JIT puts the result of <see cref="Fma"/> where a factor lies if that is used for the last time, and then moves it. A reference to the sum tells
    /// it where the result belongs.
    /// </remarks>
    static abstract void AddProduct(ref TSelf sum, TSelf a, TSelf b);

    /// <summary><c>c - a * b</c>; rounded once where the CPU has a fused instruction.</summary>
    static abstract TSelf FmaNegated(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of each pair. A NaN in <paramref name="b"/> stays; one in <paramref name="a"/> may be lost.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller of each pair. A NaN in <paramref name="b"/> stays; one in <paramref name="a"/> may be lost.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Absolute value.</summary>
    static abstract TSelf Abs(TSelf x);

    /// <summary>Square root, correctly rounded.</summary>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>Rounds to the nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>Rounds towards minus infinity.</summary>
    static abstract TSelf Floor(TSelf x);

    /// <summary>
    /// <c>x * 2^n</c> for integral <paramref name="n"/> from -252 to 254: overflows to infinity and underflows through denormals to zero.
    /// </summary>
    static abstract TSelf ScaleByPowerOfTwo(TSelf x, TSelf n);

    /// <summary>Mask of lanes where <paramref name="a"/> &lt; <paramref name="b"/>.</summary>
    static abstract TSelf LessThan(TSelf a, TSelf b);

    /// <summary>Mask of lanes where <paramref name="a"/> &lt;= <paramref name="b"/>.</summary>
    static abstract TSelf LessThanOrEqual(TSelf a, TSelf b);

    /// <summary>Mask of lanes where <paramref name="a"/> &gt; <paramref name="b"/>.</summary>
    static abstract TSelf GreaterThan(TSelf a, TSelf b);

    /// <summary>Mask of lanes where <paramref name="a"/> &gt;= <paramref name="b"/>.</summary>
    static abstract TSelf GreaterThanOrEqual(TSelf a, TSelf b);

    /// <summary>Mask of lanes where <paramref name="a"/> equals <paramref name="b"/>.</summary>
    static abstract TSelf EqualTo(TSelf a, TSelf b);

    /// <summary>Mask of lanes that are NaN.</summary>
    static abstract TSelf IsNaN(TSelf x);

    /// <summary><paramref name="whenTrue"/> where <paramref name="mask"/> is set, else <paramref name="whenFalse"/>.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenTrue, TSelf whenFalse);

    /// <summary>True if any lane of <paramref name="mask"/> is set.</summary>
    static abstract bool Any(TSelf mask);

    /// <summary>The sum of all lanes, halves added to halves: a fixed order for each width.</summary>
    static abstract float Sum(TSelf x);

    /// <summary>The largest lane; unspecified if any lane is NaN.</summary>
    static abstract float MaxAcross(TSelf x);

    /// <summary>The smallest lane; unspecified if any lane is NaN.</summary>
    static abstract float MinAcross(TSelf x);

    /// <summary>Converts to 32-bit integers, rounding to nearest even; values beyond their range are unspecified.</summary>
    static abstract TSelf ToInt(TSelf x);

    /// <summary>Converts signed 32-bit integers to float32.</summary>
    static abstract TSelf FromInt(TSelf bits);

    /// <summary>Adds lanes as 32-bit integers, wrapping.</summary>
    static abstract TSelf AddInt(TSelf a, TSelf b);

    /// <summary>Subtracts lanes as 32-bit integers, wrapping.</summary>
    static abstract TSelf SubtractInt(TSelf a, TSelf b);

    /// <summary>Multiplies lanes as 32-bit integers and keeps the low halves.</summary>
    static abstract TSelf MultiplyLowInt(TSelf a, TSelf b);

    /// <summary>Multiplies lanes as unsigned 32-bit integers; returns the low halves of the 64-bit products.</summary>
    static abstract TSelf MultiplyWideInt(TSelf a, TSelf b, out TSelf high);

    /// <summary>Mask of lanes where <paramref name="a"/> &gt; <paramref name="b"/> as signed 32-bit integers.</summary>
    static abstract TSelf GreaterThanInt(TSelf a, TSelf b);

    /// <summary>Shifts each 32-bit lane left.</summary>
    static abstract TSelf ShiftLeft(TSelf bits, [ConstantExpected] byte count);

    /// <summary>Shifts each 32-bit lane right, filling with zeros.</summary>
    static abstract TSelf ShiftRightLogical(TSelf bits, [ConstantExpected] byte count);

    /// <summary>Shifts each 32-bit lane right, filling with the sign.</summary>
    static abstract TSelf ShiftRightArithmetic(TSelf bits, [ConstantExpected] byte count);

    /// <summary>Takes each lane as two signed 16-bit integers and adds the products of those in equal places.</summary>
    static abstract TSelf MultiplyAddPairsInt(TSelf a, TSelf b);

    /// <summary>Writes the lowest byte of each lane, <see cref="Width"/> bytes in all.</summary>
    static abstract void StoreBytes(byte* target, TSelf bits);

    /// <summary>Writes the lower half of each lane, <see cref="Width"/> 16-bit integers in all.</summary>
    static abstract void StoreHalves(ushort* target, TSelf bits);

    /// <summary>
    /// Takes the lanes of <paramref name="a"/> and, behind them, of <paramref name="b"/> in groups of <paramref name="size"/> (a power of two
    /// below <see cref="Width"/>) and returns the groups 0, 2, 4, ...; <paramref name="odd"/> gets the others.
    /// </summary>
    static abstract TSelf Unzip(TSelf a, TSelf b, int size, out TSelf odd);

    /// <summary>
    /// Transposes a block of <see cref="Width"/> by <see cref="Width"/> values; strides are in floats from one row to the next.
    /// </summary>
    static abstract void Transpose(float* source, nint sourceStride, float* target, nint targetStride);
}
