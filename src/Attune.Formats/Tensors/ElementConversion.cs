using System.Numerics;
using System.Runtime.CompilerServices;

namespace Attune.Formats;

/// <summary>Turns stored elements into the two types that computations use.</summary>
internal static unsafe class ElementConversion
{
    /// <summary>Converts to float32; false if the type cannot be.</summary>
    public static bool TryToFloat32(DType dtype, byte* source, Span<float> destination)
    {
        switch (dtype)
        {
            case DType.F32: new ReadOnlySpan<float>(source, destination.Length).CopyTo(destination); return true;
            case DType.F16: Each<Half>(source, destination); return true;
            case DType.BF16: BrainFloats(source, destination); return true;
            case DType.F64: Each<double>(source, destination); return true;
            case DType.I64: Each<long>(source, destination); return true;
            case DType.U64: Each<ulong>(source, destination); return true;
            case DType.I32: Each<int>(source, destination); return true;
            case DType.U32: Each<uint>(source, destination); return true;
            case DType.I16: Each<short>(source, destination); return true;
            case DType.U16: Each<ushort>(source, destination); return true;
            case DType.I8: Each<sbyte>(source, destination); return true;
            case DType.U8: Each<byte>(source, destination); return true;
            case DType.Bool: Each<byte>(source, destination); return true;
            default: return false;
        }
    }

    /// <summary>Converts to int32. Returns null, or the index of the first element that does not fit, or -1 if the type is not an integer.</summary>
    public static long? ToInt32(DType dtype, byte* source, Span<int> destination)
    {
        switch (dtype)
        {
            case DType.I32: new ReadOnlySpan<int>(source, destination.Length).CopyTo(destination); return null;
            case DType.I64: return Checked<long>(source, destination);
            case DType.U32: return Checked<uint>(source, destination);
            case DType.I16: return Checked<short>(source, destination);
            case DType.U16: return Checked<ushort>(source, destination);
            case DType.I8: return Checked<sbyte>(source, destination);
            case DType.U8: return Checked<byte>(source, destination);
            case DType.Bool: return Checked<byte>(source, destination);
            default: return -1;
        }
    }

    private static void Each<T>(byte* source, Span<float> destination) where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = float.CreateTruncating(Unsafe.ReadUnaligned<T>(source + (long)i * sizeof(T)));
    }

    private static void BrainFloats(byte* source, Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source + (long)i * sizeof(ushort)) << 16);
    }

    private static long? Checked<T>(byte* source, Span<int> destination) where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < destination.Length; i++)
        {
            long value = long.CreateTruncating(Unsafe.ReadUnaligned<T>(source + (long)i * sizeof(T)));
            if (value is < int.MinValue or > int.MaxValue) return i;
            destination[i] = (int)value;
        }
        return null;
    }
}
