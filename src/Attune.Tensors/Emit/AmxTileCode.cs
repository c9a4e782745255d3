using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Attune.Tensors.Emit;

/// <summary>
/// The tile of a grouped product in AMX: 32 rows of the left operand times 32 columns, with <c>tdpbusd</c> for bytes and <c>tdpbf16ps</c>
/// for bfloat16.
/// </summary>
/// <remarks>
/// A function of one pointer to <see cref="GroupTileArguments"/>; it reads and writes all 32 rows. Four tile registers hold sums, two the left
/// operand, two the right: 16 rows of 64 bytes each. Both operands lie as the other forms read them, so only the code differs.
/// </remarks>
internal static class AmxTileCode
{
    /// <summary>Rows of the left operand and of the sums.</summary>
    public const int Rows = 2 * RegisterRows;

    /// <summary>Bytes that <see cref="Configure"/> fills in.</summary>
    public const int ConfigurationBytes = 64;

    private const int RegisterRows = 16;
    private const int RegisterBytes = 64;
    private const int Registers = 8;
    private const int GroupBytes = GroupKinds.PanelColumns * GroupKinds.Bytes;
    private const int StepGroups = RegisterBytes / GroupKinds.Bytes;

    /// <summary>Fills in how the tile registers are used, as <c>ldtilecfg</c> reads it: all are 16 rows of 64 bytes.</summary>
    public static void Configure(Span<byte> configuration)
    {
        configuration.Clear();
        configuration[0] = 1; // Palette 1: eight registers of up to 1 KB.
        for (var register = 0; register < Registers; register++)
        {
            configuration[16 + (2 * register)] = RegisterBytes;
            configuration[48 + register] = RegisterRows;
        }
    }

    /// <summary>The code.</summary>
    /// <param name="kind">What the groups hold.</param>
    /// <param name="windows">Whether to follow the calling convention of Windows rather than that of all others.</param>
    public static byte[] Assemble(GroupKind kind, bool windows)
    {
        var code = new Assembler(64);
        code.mov(r11, windows ? rcx : rdi);
        code.push(rbx);
        code.push(rsi);
        code.mov(rax, Argument(GroupTileArguments.TileConfigurationOffset));
        code.ldtilecfg(__[rax]);

        // rcx and rdx: the upper and lower rows of A, rbx apart; rsi: the panel, its groups r8 apart; rax counts steps.
        code.mov(rcx, Argument(GroupTileArguments.AOffset));
        code.mov(rbx, Argument(GroupTileArguments.AStrideOffset));
        code.mov(rdx, rbx);
        code.shl(rdx, 4);
        code.add(rdx, rcx);
        code.mov(rsi, Argument(GroupTileArguments.BOffset));
        code.mov(r8, GroupBytes);
        code.mov(rax, Argument(GroupTileArguments.GroupsOffset));
        code.shr(rax, 4);
        foreach (var sum in (ReadOnlySpan<AssemblerRegisterTMM>)[tmm0, tmm1, tmm2, tmm3])
            code.tilezero(sum);

        var loop = code.CreateLabel();
        code.Label(ref loop);
        code.tileloadd(tmm4, __[rcx + rbx]);
        code.tileloadd(tmm6, __[rsi + r8]);
        Dot(code, kind, tmm0, tmm4, tmm6);
        code.tileloadd(tmm7, __[rsi + r8 + RegisterBytes]);
        Dot(code, kind, tmm1, tmm4, tmm7);
        code.tileloadd(tmm5, __[rdx + rbx]);
        Dot(code, kind, tmm2, tmm5, tmm6);
        Dot(code, kind, tmm3, tmm5, tmm7);
        code.add(rcx, RegisterBytes);
        code.add(rdx, RegisterBytes);
        code.add(rsi, StepGroups * GroupBytes);
        code.dec(rax);
        code.jne(loop);

        code.mov(rcx, Argument(GroupTileArguments.COffset));
        code.mov(rbx, Argument(GroupTileArguments.CStrideOffset));
        code.tilestored(__[rcx + rbx], tmm0);
        code.tilestored(__[rcx + rbx + RegisterBytes], tmm1);
        code.mov(rdx, rbx);
        code.shl(rdx, 4);
        code.add(rcx, rdx);
        code.tilestored(__[rcx + rbx], tmm2);
        code.tilestored(__[rcx + rbx + RegisterBytes], tmm3);
        code.tilerelease();
        code.pop(rsi);
        code.pop(rbx);
        code.ret();
        return MachineCode.Bytes(code);
    }

    private static void Dot(Assembler code, GroupKind kind, AssemblerRegisterTMM sum, AssemblerRegisterTMM left, AssemblerRegisterTMM right)
    {
        if (kind == GroupKind.Bytes)
            code.tdpbusd(sum, left, right);
        else
            code.tdpbf16ps(sum, left, right);
    }

    private static AssemblerMemoryOperand Argument(int offset) => __qword_ptr[r11 + offset];
}
