using System.Runtime.InteropServices;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>What a tile of a grouped product works on. Emitted code reads the fields at fixed places.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct GroupTileArguments
{
    /// <summary>Where emitted code finds the field of the same name.</summary>
    public const int GroupsOffset = 0, AOffset = 8, AStrideOffset = 16, BOffset = 24, COffset = 32, CStrideOffset = 40, PanelsOffset = 48, TileConfigurationOffset = 56;

    /// <summary>Groups along the sum; more than zero, a multiple of 16.</summary>
    [FieldOffset(GroupsOffset)]
    public nint Groups;

    /// <summary>The first row of the left operand, its groups consecutive.</summary>
    [FieldOffset(AOffset)]
    public byte* A;

    /// <summary>Bytes from one row of it to the next.</summary>
    [FieldOffset(AStrideOffset)]
    public nint AStride;

    /// <summary>The first panel of the right operand: for each group along the sum, those of all columns. The next one follows it,
    /// <see cref="GroupKinds.PanelBytes"/> further on.</summary>
    [FieldOffset(BOffset)]
    public byte* B;

    /// <summary>The sums of the first panel, int32 or float32; overwritten. Those of the next panel lie beside them. Moves on from panel to panel.</summary>
    [FieldOffset(COffset)]
    public float* C;

    /// <summary>Bytes from one row of sums to the next.</summary>
    [FieldOffset(CStrideOffset)]
    public nint CStride;

    /// <summary>Panels that are left; more than zero. Counted down.</summary>
    [FieldOffset(PanelsOffset)]
    public nint Panels;

    /// <summary>How AMX's tile registers are used; other forms do not read it.</summary>
    [FieldOffset(TileConfigurationOffset)]
    public byte* TileConfiguration;
}
