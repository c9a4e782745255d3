using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>
/// A right operand kept in the order in which products read it, for weights that are used again and again without changing: products
/// with few rows then read it as fast as the memory can, those with many need no packing.
/// </summary>
/// <remarks>Made for the instruction set that is current at the time; a product with another one throws.</remarks>
internal sealed unsafe class PackedMatrix : FixedOperand
{
    private readonly WeightBlock panels;
    private readonly int width;

    private PackedMatrix(int depth, int columns, int width)
    {
        Depth = depth;
        Columns = columns;
        this.width = width;
        panels = WeightMemory.Take((long)PanelCount * depth * width);
    }

    /// <summary>Rows of the matrix, the length of the sums.</summary>
    public int Depth { get; }

    /// <summary>Columns of the matrix and of the product.</summary>
    public int Columns { get; }

    /// <inheritdoc/>
    public override long Bytes => panels.Count * sizeof(float);

    private int PanelCount => (Columns + width - 1) / width;

    /// <summary>Packs <paramref name="matrix"/> [depth, columns]; pass weights [out, in] transposed.</summary>
    public static PackedMatrix From(in MatrixView matrix)
    {
        var kernel = new Kernel(matrix);
        LaneKernel.Run(ref kernel);
        return kernel.Result!;
    }

    /// <inheritdoc/>
    public override void Multiply<E>(in MatrixView a, in MatrixView c, bool accumulate, in E epilogue) =>
        Gemm.Multiply(a, this, c, accumulate, epilogue);

    /// <summary>The packed panels for a kernel of lane width <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The matrix was packed for another instruction set.</exception>
    public RightOperand Operand<T>()
        where T : struct, ILanes<T>
        => width == Tiles<T>.Columns
            ? new RightOperand(panels.Pointer, (nint)Depth * width, Depth, Columns)
            : throw new InvalidOperationException(
                $"The matrix was packed for tiles of {width} columns and cannot be used with {Isa.Current}, whose tiles have {Tiles<T>.Columns}.");

    private struct Kernel(MatrixView matrix) : ILaneKernel
    {
        public PackedMatrix? Result { get; private set; }

        public void Run<T>()
            where T : struct, ILanes<T>
        {
            Result = new PackedMatrix(matrix.Rows, matrix.Columns, Tiles<T>.Columns);
            Workers.For(Result.PanelCount, new Job<T>(matrix, Result));
        }
    }

    private readonly struct Job<T>(MatrixView matrix, PackedMatrix target) : IJob
        where T : struct, ILanes<T>
    {
        public void Run(int item)
        {
            var column = item * target.width;
            nint size = (nint)target.Depth * target.width;
            Packing.PackB<T>(
                matrix, column, Math.Min(target.width, target.Columns - column), 0, target.Depth, target.panels.Pointer + (item * size), size);
        }
    }
}
