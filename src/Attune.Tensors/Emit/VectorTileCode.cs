using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Attune.Tensors.Emit;

/// <summary>
/// The register tile of a grouped product in AVX-512: rows of the left operand times 32 columns, panel after panel, with <c>vpdpbusd</c> (VNNI) for bytes and
/// <c>vdpbf16ps</c> for bfloat16.
/// </summary>
/// <remarks>
/// A function of one pointer to <see cref="GroupTileArguments"/>. Fourteen rows by two registers of sums leave four of the 32 registers
/// for operands. A row's group is broadcast to a register and multiplied with two registers of columns.
/// </remarks>
internal static class VectorTileCode
{
    /// <summary>The most rows of a tile.</summary>
    public const int MaxRows = 14;

    private const int RegisterBytes = 64;

    /// <summary>How far ahead of its use the right operand is asked for.</summary>
    private const int PrefetchedBytes = 2048;

    // Windows keeps xmm6 to xmm15 for the caller.
    private const int FirstSaved = 6;
    private const int LastSaved = 15;
    private const int SavedBytes = 16;

    private static readonly AssemblerRegisterZMM[] Sums =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13,
        zmm14, zmm15, zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27,
    ];

    private static readonly AssemblerRegisterXMM[] Saved = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    // Rows in groups of three: base, base + stride and base + 2 stride are addresses that an instruction can hold.
    private static readonly AssemblerRegister64[] Bases = [rcx, rdx, r8, r9, r10];

    /// <summary>The code for a tile of <paramref name="rows"/> rows.</summary>
    /// <param name="kind">What the groups hold.</param>
    /// <param name="rows">1 to <see cref="MaxRows"/>.</param>
    /// <param name="windows">Whether to follow the calling convention of Windows rather than that of all others.</param>
    public static byte[] Assemble(GroupKind kind, int rows, bool windows)
    {
        var code = new Assembler(64);
        code.mov(r11, windows ? rcx : rdi);
        code.push(rbx);
        code.push(rsi);
        if (windows)
            Save(code);
        code.mov(rsi, Argument(GroupTileArguments.BOffset));

        // Panels one after another without a return to the caller: with few rows its work between them would leave the memory idle.
        var panel = code.CreateLabel();
        code.Label(ref panel);
        Load(code, rows);
        for (var i = 0; i < 2 * rows; i++)
            code.vpxord(Sums[i], Sums[i], Sums[i]);

        var loop = code.CreateLabel();
        code.Label(ref loop);
        Step(code, kind, rows);
        code.dec(rax);
        code.jne(loop);

        Store(code, rows);
        if (kind.ScaleBytes() > 0)
            code.add(rsi, kind.ScaleBytes());
        code.add(Argument(GroupTileArguments.COffset), 2 * RegisterBytes);
        code.dec(Argument(GroupTileArguments.PanelsOffset));
        code.jne(panel);

        code.vzeroupper();
        if (windows)
            Restore(code);
        code.pop(rsi);
        code.pop(rbx);
        code.ret();
        return MachineCode.Bytes(code);
    }

    /// <summary>Addresses of A: rbx is its stride; rax counts groups.</summary>
    private static void Load(Assembler code, int rows)
    {
        code.mov(rcx, Argument(GroupTileArguments.AOffset));
        code.mov(rbx, Argument(GroupTileArguments.AStrideOffset));
        code.lea(rax, __[rbx + (rbx * 2)]);
        for (var i = 1; i < BasesOf(rows); i++)
            code.lea(Bases[i], __[Bases[i - 1] + rax]);
        code.mov(rax, Argument(GroupTileArguments.GroupsOffset));
    }

    private static void Step(Assembler code, GroupKind kind, int rows)
    {
        code.prefetcht0(__[rsi + PrefetchedBytes]);
        code.prefetcht0(__[rsi + (PrefetchedBytes + RegisterBytes)]);
        if (rows == 1)
        {
            // Fewer instructions for the same columns: as many more of them are on their way from memory at a time.
            code.vpbroadcastd(zmm30, __dword_ptr[Bases[0]]);
            Dot(code, kind, Sums[0], zmm30, __zmmword_ptr[rsi]);
            Dot(code, kind, Sums[1], zmm30, __zmmword_ptr[rsi + RegisterBytes]);
        }
        else
        {
            code.vmovups(zmm28, __[rsi]);
            code.vmovups(zmm29, __[rsi + RegisterBytes]);
            Rows(code, kind, rows);
        }

        for (var i = 0; i < BasesOf(rows); i++)
            code.add(Bases[i], GroupKinds.Bytes);
        code.add(rsi, 2 * RegisterBytes);
    }

    private static void Rows(Assembler code, GroupKind kind, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var left = row % 2 == 0 ? zmm30 : zmm31;
            var address = (row % 3) switch
            {
                0 => __dword_ptr[Bases[row / 3]],
                1 => __dword_ptr[Bases[row / 3] + rbx],
                _ => __dword_ptr[Bases[row / 3] + (rbx * 2)],
            };
            code.vpbroadcastd(left, address);
            Dot(code, kind, Sums[2 * row], left, zmm28);
            Dot(code, kind, Sums[(2 * row) + 1], left, zmm29);
        }
    }

    private static void Dot(Assembler code, GroupKind kind, AssemblerRegisterZMM sum, AssemblerRegisterZMM left, AssemblerMemoryOperand right)
    {
        if (kind == GroupKind.Bytes)
            code.vpdpbusd(sum, left, right);
        else
            code.vdpbf16ps(sum, left, right);
    }

    private static void Dot(Assembler code, GroupKind kind, AssemblerRegisterZMM sum, AssemblerRegisterZMM left, AssemblerRegisterZMM right)
    {
        if (kind == GroupKind.Bytes)
            code.vpdpbusd(sum, left, right);
        else
            code.vdpbf16ps(sum, left, right);
    }

    private static void Store(Assembler code, int rows)
    {
        code.mov(rax, Argument(GroupTileArguments.COffset));
        code.mov(rcx, Argument(GroupTileArguments.CStrideOffset));
        for (var row = 0; row < rows; row++)
        {
            code.vmovups(__[rax], Sums[2 * row]);
            code.vmovups(__[rax + RegisterBytes], Sums[(2 * row) + 1]);
            if (row + 1 < rows)
                code.add(rax, rcx);
        }
    }

    private static void Save(Assembler code)
    {
        code.sub(rsp, (LastSaved - FirstSaved + 1) * SavedBytes);
        for (var i = 0; i < Saved.Length; i++)
            code.vmovups(__[rsp + (i * SavedBytes)], Saved[i]);
    }

    private static void Restore(Assembler code)
    {
        for (var i = 0; i < Saved.Length; i++)
            code.vmovups(Saved[i], __[rsp + (i * SavedBytes)]);
        code.add(rsp, (LastSaved - FirstSaved + 1) * SavedBytes);
    }

    private static int BasesOf(int rows) => (rows + 2) / 3;

    private static AssemblerMemoryOperand Argument(int offset) => __qword_ptr[r11 + offset];
}
