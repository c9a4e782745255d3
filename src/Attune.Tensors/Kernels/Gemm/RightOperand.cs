namespace Attune.Tensors.Kernels.Gemm;

/// <summary>The right operand [depth, columns] of a product: a matrix in memory or panels that were packed before.</summary>
internal readonly unsafe struct RightOperand
{
    /// <summary>An operand that is a matrix in memory.</summary>
    public RightOperand(in MatrixView matrix)
    {
        Matrix = matrix;
        Depth = matrix.Rows;
        Columns = matrix.Columns;
    }

    /// <summary>An operand in panels as <see cref="Tiled.Packing.PackB"/> makes them over the whole depth.</summary>
    public RightOperand(float* panels, nint panelStride, int depth, int columns)
    {
        Panels = panels;
        PanelStride = panelStride;
        Depth = depth;
        Columns = columns;
    }

    /// <summary>The matrix; undefined if <see cref="IsPacked"/>.</summary>
    public MatrixView Matrix { get; }

    /// <summary>The first panel; null unless <see cref="IsPacked"/>.</summary>
    public float* Panels { get; }

    /// <summary>Floats from one panel to the next.</summary>
    public nint PanelStride { get; }

    /// <summary>Terms of the sum.</summary>
    public int Depth { get; }

    /// <summary>Columns of the product.</summary>
    public int Columns { get; }

    /// <summary>Whether the operand is in panels.</summary>
    public bool IsPacked => Panels is not null;
}
