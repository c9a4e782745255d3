using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>A right operand kept as bytes or bfloat16 numbers, a quarter or half of its size in float32.</summary>
internal sealed unsafe class GroupedMatrix : FixedOperand
{
    private readonly WeightBlock memory;
    private readonly GroupedOperand operand;

    private GroupedMatrix(GroupKind kind, int depth, int columns)
    {
        memory = WeightMemory.Take(GroupedOperand.Size(kind, depth, columns));
        operand = new GroupedOperand(kind, depth, columns, memory.Pointer);
    }

    /// <inheritdoc/>
    public override long Bytes => memory.Count * sizeof(float);

    /// <summary>Packs <paramref name="matrix"/> [depth, columns]; pass weights [out, in] transposed.</summary>
    /// <exception cref="ArgumentException">The sums are too long for bytes.</exception>
    public static GroupedMatrix From(GroupKind kind, in MatrixView matrix)
    {
        if (kind == GroupKind.Bytes && matrix.Rows > GroupedProduct.MaxDepthOfBytes)
            throw new ArgumentException($"Sums of {matrix.Rows} products of bytes could overflow; at most {GroupedProduct.MaxDepthOfBytes} are added up.", nameof(matrix));
        var result = new GroupedMatrix(kind, matrix.Rows, matrix.Columns);
        GroupedProduct.Pack(matrix, result.operand);
        return result;
    }

    /// <inheritdoc/>
    public override void Multiply<E>(in MatrixView a, in MatrixView c, bool accumulate, in E epilogue)
    {
        Gemm.Check(a, operand.Depth, operand.Columns, c);
        GroupedProduct.Multiply(a, operand, c, accumulate, epilogue);
        GC.KeepAlive(this);
    }
}
