namespace Attune.Tensors.Kernels.Gemm;

/// <summary>The left operand [rows, depth] of a product: a matrix in memory, or panels packed from one.</summary>
internal readonly unsafe struct LeftOperand
{
    private readonly MatrixView matrix;
    private readonly float* panels;

    /// <summary>An operand that is a matrix in memory, of any layout.</summary>
    public LeftOperand(in MatrixView matrix) => this.matrix = matrix;

    /// <summary>An operand in panels as <see cref="Tiled.Packing.PackColumns"/> makes them, of a whole depth.</summary>
    public LeftOperand(float* panels, int depth)
    {
        this.panels = panels;
        Depth = depth;
    }

    /// <summary>Terms of the sum that packed panels hold.</summary>
    private int Depth { get; }

    /// <summary>Whether the terms of a row are consecutive in memory, rather than the rows of a term.</summary>
    public bool IsAlongDepth => panels is null && !matrix.IsTransposed;

    /// <summary>Where the panel of <paramref name="rows"/> rows from <paramref name="row"/> on holds term <paramref name="term"/>.</summary>
    public float* At(int row, int rows, int term) =>
        panels is null ? matrix.At(row, term) : panels + ((nint)row * Depth) + ((nint)term * rows);

    /// <summary>Floats from one row of that panel to the next, or from one term to the next.</summary>
    public nint Stride(int rows) => panels is null ? matrix.Stride : rows;
}
