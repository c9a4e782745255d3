namespace Attune.Tensors.Kernels.Gemm;

/// <summary>A right operand [depth, columns] that is used again and again without changing, in the form in which products read it.</summary>
internal abstract class FixedOperand
{
    /// <summary>Native memory held, in bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>C = A B, or C += A B, followed by <paramref name="epilogue"/> on C.</summary>
    /// <inheritdoc cref="Gemm.Multiply(in MatrixView, in MatrixView, in MatrixView, bool)"/>
    public abstract void Multiply<E>(in MatrixView a, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue;
}
