namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>What the four bytes of a group hold: neighbours along the sum of a product.</summary>
internal enum GroupKind
{
    /// <summary>Four integers: unsigned in the left operand, signed in the right one, added up in int32.</summary>
    Bytes,

    /// <summary>Two bfloat16 numbers, added up in float32.</summary>
    BFloat16,
}

/// <summary>Sizes that follow from the kind.</summary>
internal static class GroupKinds
{
    /// <summary>Bytes of a group: one lane of 32 bits.</summary>
    public const int Bytes = 4;

    /// <summary>Columns of a panel of the right operand, for every instruction set: two registers of sixteen lanes.</summary>
    public const int PanelColumns = 32;

    /// <summary>Groups that depths are filled up to with zeros: those of an AMX tile row.</summary>
    private const int Multiple = 16;

    /// <summary>Bytes from one panel of <paramref name="groups"/> groups to the next.</summary>
    public static nint PanelBytes(this GroupKind kind, nint groups) => (groups * Bytes * PanelColumns) + kind.ScaleBytes();

    /// <summary>
    /// Bytes behind the groups of a panel, for <see cref="GroupKind.Bytes"/>: what 1 stands for in each column, then the sum of each column's
    /// integers. Elsewhere in memory they would be waited for at the end of every panel.
    /// </summary>
    public static int ScaleBytes(this GroupKind kind) => kind == GroupKind.Bytes ? 2 * PanelColumns * sizeof(float) : 0;

    /// <summary>Terms of the sum in a group.</summary>
    public static int Terms(this GroupKind kind) => kind == GroupKind.Bytes ? 4 : 2;

    /// <summary>Groups that hold <paramref name="depth"/> terms, filled up.</summary>
    public static int Groups(this GroupKind kind, int depth)
    {
        var groups = (depth + kind.Terms() - 1) / kind.Terms();
        return (groups + Multiple - 1) / Multiple * Multiple;
    }

    /// <summary>Panels that hold <paramref name="columns"/> columns.</summary>
    public static int Panels(int columns) => (columns + PanelColumns - 1) / PanelColumns;
}
