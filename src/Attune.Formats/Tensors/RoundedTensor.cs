using System.Runtime.InteropServices;

namespace Attune.Formats;

/// <summary>Writes a stored tensor as another floating-point type, rounding to nearest even, a piece at a time.</summary>
internal static unsafe class RoundedTensor
{
    private const int Piece = 1 << 16;

    /// <summary>Whether a type can be rounded to another.</summary>
    public static bool IsFloatingPoint(DType dtype) => dtype is DType.F64 or DType.F32 or DType.BF16 or DType.F16;

    /// <summary>Writes the elements.</summary>
    public static void Write(StoredTensor tensor, DType dtype, Stream stream)
    {
        float[] values = new float[(int)Math.Min(Piece, tensor.Count)];
        ushort[] halves = new ushort[values.Length];
        int size = tensor.DType.Size();
        for (long done = 0; done < tensor.Count; done += values.Length)
        {
            int count = (int)Math.Min(values.Length, tensor.Count - done);
            ElementConversion.TryToFloat32(tensor.DType, tensor.Pointer + done * size, values.AsSpan(0, count));
            if (dtype == DType.F32)
            {
                stream.Write(MemoryMarshal.AsBytes(values.AsSpan(0, count)));
                continue;
            }
            for (int i = 0; i < count; i++)
                halves[i] = dtype == DType.F16 ? BitConverter.HalfToUInt16Bits((Half)values[i]) : BrainFloat(values[i]);
            stream.Write(MemoryMarshal.AsBytes(halves.AsSpan(0, count)));
        }
        GC.KeepAlive(tensor);
    }

    private static ushort BrainFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        // A NaN whose payload lies in the lower half must not round to infinity.
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)(bits + 0x7fff + (bits >> 16 & 1) >> 16);
    }
}
