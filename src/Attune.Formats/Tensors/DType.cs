namespace Attune.Formats;

/// <summary>The element type of a tensor in a file, under the names of the safetensors format.</summary>
public enum DType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>8-bit float, 5 bits of exponent.</summary>
    F8E5M2,

    /// <summary>8-bit float, 4 bits of exponent.</summary>
    F8E4M3,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of a float32.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}

/// <summary>Sizes and names of element types.</summary>
public static class DTypes
{
    private static readonly string[] s_names =
        ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"];

    /// <summary>All names, as messages list them.</summary>
    internal static string AllNames { get; } = string.Join(", ", s_names);

    /// <summary>The name in a safetensors header, such as <c>F32</c>.</summary>
    public static string Name(this DType dtype) => s_names[(int)dtype];

    /// <summary>Bytes per element.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        <= DType.F8E4M3 => 1,
        <= DType.BF16 => 2,
        <= DType.F32 => 4,
        _ => 8,
    };

    /// <summary>Finds a type by its safetensors name.</summary>
    public static bool TryParse(string name, out DType dtype)
    {
        int index = Array.IndexOf(s_names, name);
        dtype = (DType)Math.Max(index, 0);
        return index >= 0;
    }
}
