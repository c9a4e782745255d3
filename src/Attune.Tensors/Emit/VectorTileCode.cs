using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Attune.Tensors.Emit;

/// <summary>
/// The register tile of a grouped product: rows of the left operand times 32 columns, panel after panel, with <c>vpdpbusd</c> (VNNI) for bytes
/// and <c>vdpbf16ps</c> for bfloat16.
/// </summary>
/// <remarks>
/// A function of one pointer to <see cref="GroupTileArguments"/>. A row's group is broadcast to a register and multiplied with each register of
/// columns; the sums of all rows and columns stay in registers. What differs between instruction sets is in <see cref="VectorTileForm"/>.
/// </remarks>
internal sealed class VectorTileCode
{
    /// <summary>How far ahead of its use the right operand is asked for.</summary>
    private const int PrefetchedBytes = 2048;
    private const int CacheLine = 64;
    private const int GroupBytes = GroupKinds.PanelColumns * GroupKinds.Bytes;

    // Windows keeps xmm6 to xmm15 for the caller.
    private const int FirstSaved = 6;
    private const int LastSaved = 15;
    private const int SavedBytes = 16;

    private static readonly AssemblerRegisterXMM[] Saved = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    // Rows in groups of three: base, base + stride and base + 2 stride are addresses that an instruction can hold.
    private static readonly AssemblerRegister64[] Bases = [rcx, rdx, r8, r9, r10];

    private readonly Assembler code = new(64);
    private readonly VectorTileForm form;
    private readonly GroupKind kind;
    private readonly int rows;

    private VectorTileCode(VectorTileForm form, GroupKind kind, int rows)
    {
        this.form = form;
        this.kind = kind;
        this.rows = rows;
    }

    private int Sums => rows * form.PanelRegisters;

    private int UsedBases => (rows + 2) / 3;

    /// <summary>The code for a tile of <paramref name="rows"/> rows.</summary>
    /// <param name="form">The instruction set.</param>
    /// <param name="kind">What the groups hold.</param>
    /// <param name="rows">1 to <see cref="VectorTileForm.MaxRows"/>.</param>
    /// <param name="windows">Whether to follow the calling convention of Windows rather than that of all others.</param>
    public static byte[] Assemble(VectorTileForm form, GroupKind kind, int rows, bool windows)
    {
        var tile = new VectorTileCode(form, kind, rows);
        tile.Function(windows);
        return MachineCode.Bytes(tile.code);
    }

    private void Function(bool windows)
    {
        code.mov(r11, windows ? rcx : rdi);
        code.push(rbx);
        code.push(rsi);
        if (windows)
            Save();
        code.mov(rsi, Argument(GroupTileArguments.BOffset));

        // Panels one after another without a return to the caller: with few rows its work between them would leave the memory idle.
        var panel = code.CreateLabel();
        code.Label(ref panel);
        Load();
        for (var i = 0; i < Sums; i++)
            Emit(form.Clear, form.Registers[i], form.Registers[i], form.Registers[i]);

        var loop = code.CreateLabel();
        code.Label(ref loop);
        Step();
        code.dec(rax);
        code.jne(loop);

        Store();
        if (kind.ScaleBytes() > 0)
            code.add(rsi, kind.ScaleBytes());
        code.add(Argument(GroupTileArguments.COffset), GroupBytes);
        code.dec(Argument(GroupTileArguments.PanelsOffset));
        code.jne(panel);

        code.vzeroupper();
        if (windows)
            Restore();
        code.pop(rsi);
        code.pop(rbx);
        code.ret();
    }

    /// <summary>Addresses of A: rbx is its stride; rax counts groups.</summary>
    private void Load()
    {
        code.mov(rcx, Argument(GroupTileArguments.AOffset));
        code.mov(rbx, Argument(GroupTileArguments.AStrideOffset));
        code.lea(rax, __[rbx + (rbx * 2)]);
        for (var i = 1; i < UsedBases; i++)
            code.lea(Bases[i], __[Bases[i - 1] + rax]);
        code.mov(rax, Argument(GroupTileArguments.GroupsOffset));
    }

    /// <summary>One group of all rows and columns.</summary>
    private void Step()
    {
        for (var line = 0; line < GroupBytes; line += CacheLine)
            code.prefetcht0(__[rsi + (PrefetchedBytes + line)]);
        if (rows > 1 && Sums + form.PanelRegisters + 2 <= form.Registers.Count)
            KeepColumns();
        else
            KeepRows();
        for (var i = 0; i < UsedBases; i++)
            code.add(Bases[i], GroupKinds.Bytes);
        code.add(rsi, GroupBytes);
    }

    /// <summary>All columns in registers, and the rows one after another, in two registers in turn.</summary>
    private void KeepColumns()
    {
        for (var column = 0; column < form.PanelRegisters; column++)
            Emit(form.Load, form.Operand(2 + column), Columns(column));
        for (var row = 0; row < rows; row++)
        {
            var left = form.Operand(row % 2);
            Emit(form.Broadcast, left, Row(row));
            for (var column = 0; column < form.PanelRegisters; column++)
                Emit(form.Add(kind), Sum(row, column), left, form.Operand(2 + column));
        }
    }

    /// <summary>All rows in registers, and the columns one after another.</summary>
    private void KeepRows()
    {
        for (var row = 0; row < rows; row++)
            Emit(form.Broadcast, form.Operand(1 + row), Row(row));
        for (var column = 0; column < form.PanelRegisters; column++)
        {
            if (rows == 1)
            {
                // Fewer instructions for the same columns: as many more of them are on their way from memory at a time.
                code.AddInstruction(Instruction.Create(form.Add(kind), Sum(0, column), form.Operand(1), Columns(column)));
                continue;
            }

            Emit(form.Load, form.Operand(0), Columns(column));
            for (var row = 0; row < rows; row++)
                Emit(form.Add(kind), Sum(row, column), form.Operand(1 + row), form.Operand(0));
        }
    }

    private void Store()
    {
        code.mov(rax, Argument(GroupTileArguments.COffset));
        code.mov(rcx, Argument(GroupTileArguments.CStrideOffset));
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < form.PanelRegisters; column++)
                code.AddInstruction(Instruction.Create(form.Store, Memory(Register.RAX, column * form.RegisterBytes), Sum(row, column)));
            if (row + 1 < rows)
                code.add(rax, rcx);
        }
    }

    private void Save()
    {
        code.sub(rsp, (LastSaved - FirstSaved + 1) * SavedBytes);
        for (var i = 0; i < Saved.Length; i++)
            code.vmovups(__[rsp + (i * SavedBytes)], Saved[i]);
    }

    private void Restore()
    {
        for (var i = 0; i < Saved.Length; i++)
            code.vmovups(Saved[i], __[rsp + (i * SavedBytes)]);
        code.add(rsp, (LastSaved - FirstSaved + 1) * SavedBytes);
    }

    private void Emit(Code instruction, Register target, in MemoryOperand source) => code.AddInstruction(Instruction.Create(instruction, target, source));

    private void Emit(Code instruction, Register target, Register first, Register second) => code.AddInstruction(Instruction.Create(instruction, target, first, second));

    private Register Sum(int row, int column) => form.Registers[(row * form.PanelRegisters) + column];

    private MemoryOperand Columns(int register) => Memory(Register.RSI, register * form.RegisterBytes);

    private static MemoryOperand Row(int row)
    {
        Register start = Bases[row / 3];
        return row % 3 == 0 ? new MemoryOperand(start) : new MemoryOperand(start, Register.RBX, row % 3);
    }

    private static MemoryOperand Memory(Register start, int displacement) =>
        displacement == 0 ? new MemoryOperand(start) : new MemoryOperand(start, displacement, 1);

    private static AssemblerMemoryOperand Argument(int offset) => __qword_ptr[r11 + offset];
}
