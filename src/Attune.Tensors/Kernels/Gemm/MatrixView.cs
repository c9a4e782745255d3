namespace Attune.Tensors.Kernels.Gemm;

/// <summary>A float32 matrix somewhere in memory: row-major with a distance between rows, seen as it is or transposed.</summary>
/// <remarks>Holds no memory alive.</remarks>
internal readonly unsafe struct MatrixView
{
    private const long FarSize = 4 << 20;

    private MatrixView(float* data, int rows, int columns, nint stride, bool isTransposed)
    {
        Data = data;
        Rows = rows;
        Columns = columns;
        Stride = stride;
        IsTransposed = isTransposed;
    }

    /// <summary>A [rows, columns] matrix whose rows are <paramref name="columns"/> floats apart.</summary>
    public MatrixView(float* data, int rows, int columns)
        : this(data, rows, columns, columns)
    {
    }

    /// <summary>A [rows, columns] matrix whose rows are <paramref name="stride"/> floats apart, as a block of a larger one is.</summary>
    public MatrixView(float* data, int rows, int columns, nint stride)
        : this(data, rows, columns, stride, isTransposed: false)
    {
    }

    /// <summary>The first element in memory.</summary>
    public float* Data { get; }

    /// <summary>Rows as seen.</summary>
    public int Rows { get; }

    /// <summary>Columns as seen.</summary>
    public int Columns { get; }

    /// <summary>Floats between the starts of rows as they lie in memory.</summary>
    public nint Stride { get; }

    /// <summary>True if a column as seen is a row in memory.</summary>
    public bool IsTransposed { get; }

    /// <summary>Whether it is larger than a cache can be expected to hold, so that it comes from memory each time.</summary>
    public bool IsFar => (long)Rows * Columns > FarSize;

    /// <summary>The same memory with rows and columns exchanged.</summary>
    public MatrixView Transposed => new(Data, Columns, Rows, Stride, !IsTransposed);

    /// <summary>Where the element in <paramref name="row"/> and <paramref name="column"/>, as seen, lies.</summary>
    public float* At(int row, int column) => IsTransposed ? Data + (column * Stride) + row : Data + (row * Stride) + column;

    /// <summary>The block of <paramref name="rows"/> by <paramref name="columns"/> from <paramref name="row"/>, <paramref name="column"/> on.</summary>
    public MatrixView Block(int row, int column, int rows, int columns) => new(At(row, column), rows, columns, Stride, IsTransposed);
}
