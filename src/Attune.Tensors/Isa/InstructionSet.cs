namespace Attune.Tensors;

/// <summary>The instruction sets that kernels are specialised for, each including all those before it.</summary>
public enum InstructionSet
{
    /// <summary>Four float32 lanes through the portable vector types of .NET; runs on every CPU.</summary>
    Portable,

    /// <summary>x86-64 AVX2 with fused multiply-add: eight float32 lanes.</summary>
    Avx2,

    /// <summary>x86-64 AVX-512 F, BW, DQ and VL: sixteen float32 lanes.</summary>
    Avx512,

    /// <summary><see cref="Avx512"/> and AMX tiles for bfloat16 and int8 products.</summary>
    Amx,
}
