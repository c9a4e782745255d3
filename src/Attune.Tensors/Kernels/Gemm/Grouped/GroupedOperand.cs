namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>The right operand [depth, columns] of a grouped product, packed in panels of <see cref="GroupKinds.PanelColumns"/> columns.</summary>
/// <remarks>Holds no memory alive.</remarks>
internal readonly unsafe struct GroupedOperand
{
    /// <summary>Puts together where the parts of an operand lie.</summary>
    public GroupedOperand(GroupKind kind, int depth, int columns, float* memory)
    {
        Kind = kind;
        Depth = depth;
        Columns = columns;
        Groups = kind.Groups(depth);
        PanelStride = kind.PanelBytes(Groups);
        Panels = (byte*)memory;
    }

    /// <summary>What the groups hold.</summary>
    public GroupKind Kind { get; }

    /// <summary>Terms of the sums.</summary>
    public int Depth { get; }

    /// <summary>Columns of the product.</summary>
    public int Columns { get; }

    /// <summary>Groups along the sum, those that fill up included.</summary>
    public int Groups { get; }

    /// <summary>The first panel.</summary>
    public byte* Panels { get; }

    /// <summary>Bytes from one panel to the next.</summary>
    public nint PanelStride { get; }

    /// <summary>Floats of memory that an operand takes.</summary>
    public static long Size(GroupKind kind, int depth, int columns) =>
        (long)GroupKinds.Panels(columns) * kind.PanelBytes(kind.Groups(depth)) / sizeof(float);

    /// <summary>For <see cref="GroupKind.Bytes"/>: what 1 stands for in each column of a panel.</summary>
    public float* Scales(int panel) => (float*)(Panels + ((panel + 1) * PanelStride) - Kind.ScaleBytes());

    /// <summary>For <see cref="GroupKind.Bytes"/>: the sum of the integers of each column of a panel.</summary>
    public float* Sums(int panel) => Scales(panel) + GroupKinds.PanelColumns;
}
