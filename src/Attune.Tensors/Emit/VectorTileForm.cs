using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;

namespace Attune.Tensors.Emit;

/// <summary>The registers of a <see cref="VectorTileCode"/> and how its instructions are encoded.</summary>
/// <param name="Registers">All registers, for sums from the first on and for operands from the last on.</param>
/// <param name="RegisterBytes">Bytes of a register.</param>
/// <param name="MaxRows">The most rows of a tile: their sums leave room for operands.</param>
/// <param name="Clear">Exclusive or of two registers.</param>
/// <param name="Load">Memory to a register.</param>
/// <param name="Store">A register to memory.</param>
/// <param name="Broadcast">A lane in memory to all lanes of a register.</param>
/// <param name="AddBytes"><c>vpdpbusd</c>: adds sums of four products of bytes. It does not saturate.</param>
/// <param name="AddBFloat16"><c>vdpbf16ps</c>: adds sums of two products of bfloat16 numbers; invalid where there is none.</param>
internal sealed record VectorTileForm(
    IReadOnlyList<Register> Registers, int RegisterBytes, int MaxRows, Code Clear, Code Load, Code Store, Code Broadcast, Code AddBytes, Code AddBFloat16)
{
    /// <summary>AVX-512: fourteen rows by two registers of sums leave four of the 32 for operands.</summary>
    public static VectorTileForm Avx512 { get; } = new(
        [.. Enumerable.Range(0, 32).Select(i => Register.ZMM0 + i)],
        RegisterBytes: 64,
        MaxRows: 14,
        Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32,
        Code.EVEX_Vmovups_zmm_k1z_zmmm512,
        Code.EVEX_Vmovups_zmmm512_k1z_zmm,
        Code.EVEX_Vpbroadcastd_zmm_k1z_xmmm32,
        Code.EVEX_Vpdpbusd_zmm_k1z_zmm_zmmm512b32,
        Code.EVEX_Vdpbf16ps_zmm_k1z_zmm_zmmm512b32);

    /// <summary>AVX2 with AVX-VNNI, whose one instruction is for bytes: three rows by four registers of sums leave four of the 16 for operands.</summary>
    public static VectorTileForm AvxVnni { get; } = new(
        [.. Enumerable.Range(0, 16).Select(i => Register.YMM0 + i)],
        RegisterBytes: 32,
        MaxRows: 3,
        Code.VEX_Vpxor_ymm_ymm_ymmm256,
        Code.VEX_Vmovups_ymm_ymmm256,
        Code.VEX_Vmovups_ymmm256_ymm,
        Code.VEX_Vpbroadcastd_ymm_xmmm32,
        Code.VEX_Vpdpbusd_ymm_ymm_ymmm256,
        Code.INVALID);

    /// <summary>Registers that hold a group of all columns of a panel.</summary>
    public int PanelRegisters => GroupKinds.PanelColumns * GroupKinds.Bytes / RegisterBytes;

    /// <summary>The instruction that adds products of a kind.</summary>
    public Code Add(GroupKind kind) => kind == GroupKind.Bytes ? AddBytes : AddBFloat16;

    /// <summary>A register for operands, counted from the last.</summary>
    public Register Operand(int fromLast) => Registers[^(fromLast + 1)];
}
