using System.Numerics;
using System.Runtime.CompilerServices;

namespace Attune.Formats;

/// <summary>Looks for infinities and NaNs among stored elements.</summary>
internal static unsafe class FiniteCheck
{
    // All bits of the exponent set.
    private const uint Exponent32 = 0x7F80_0000;
    private const ushort Exponent16 = 0x7C00, ExponentBrain = 0x7F80;
    private const ulong Exponent64 = 0x7FF0_0000_0000_0000;

    /// <summary>The index of the first element that is not a finite number; null if all are. Integers always are.</summary>
    public static long? FirstNonFinite(DType dtype, byte* source, long count) => dtype switch
    {
        DType.F32 => First(source, count, Exponent32),
        DType.F16 => First(source, count, Exponent16),
        DType.BF16 => First(source, count, ExponentBrain),
        DType.F64 => First(source, count, Exponent64),
        _ => null,
    };

    private static long? First<T>(byte* source, long count, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        Vector<T> mask = new(exponent);
        long i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> bits = Unsafe.ReadUnaligned<Vector<T>>(source + (i * sizeof(T)));
            if (Vector.EqualsAny(bits & mask, mask)) break;
        }
        for (; i < count; i++)
        {
            if ((Unsafe.ReadUnaligned<T>(source + (i * sizeof(T))) & exponent) == exponent) return i;
        }
        return null;
    }
}
