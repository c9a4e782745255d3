using System.Runtime.InteropServices;
using Iced.Intel;

namespace Attune.Tests.Tensors.Emit;

/// <summary>
/// Runs emitted machine code on a CPU that lacks its instructions: reads it back and does what each instruction says. It is stricter than a CPU:
/// code may touch only the memory it was given, and must leave the caller's registers as they were.
/// </summary>
/// <remarks>Knows the instructions that tiles consist of; any other one is an error.</remarks>
internal abstract unsafe class CodeInterpreter
{
    private const int StackBytes = 4096;
    private const int MostSteps = 10_000_000;

    private static readonly Register[] General =
    [
        Register.RAX, Register.RCX, Register.RDX, Register.RBX, Register.RBP, Register.RSI, Register.RDI,
        Register.R8, Register.R9, Register.R10, Register.R11, Register.R12, Register.R13, Register.R14, Register.R15,
    ];

    private readonly Dictionary<Register, ulong> registers = [];
    private readonly List<(ulong Start, ulong End, bool IsWritten)> allowed = [];
    private readonly byte[] stack = GC.AllocateArray<byte>(StackBytes, pinned: true);
    private bool isZero;

    /// <summary>Whether functions follow the calling convention of Windows rather than that of System V.</summary>
    protected bool Windows { get; }

    protected CodeInterpreter(bool windows)
    {
        Windows = windows;
        // Values that nothing depends on, and that are no addresses.
        foreach (var register in General)
            registers[register] = 0xBAD0_0000_0000_0000 + (ulong)register;
    }

    /// <summary>Decodes a program.</summary>
    public static Dictionary<ulong, Instruction> Decode(byte[] code)
    {
        var decoder = Decoder.Create(64, code);
        Dictionary<ulong, Instruction> program = [];
        while (decoder.IP < (ulong)code.Length)
        {
            var instruction = decoder.Decode();
            program.Add(instruction.IP, instruction);
        }

        return program;
    }

    /// <summary>Lets the program read some memory, and write it if so wished.</summary>
    public void Allow(void* start, long bytes, bool writing = false) => allowed.Add(((ulong)start, (ulong)start + (ulong)bytes, writing));

    /// <summary>Calls a program as a function of one pointer.</summary>
    /// <exception cref="InvalidOperationException">A CPU would refuse the program, or it touches what is not its own.</exception>
    public void Call(Dictionary<ulong, Instruction> program, void* argument)
    {
        var top = (ulong)(nint)Marshal.UnsafeAddrOfPinnedArrayElement(stack, 0) + StackBytes;
        Allow((void*)(top - StackBytes), StackBytes, writing: true);
        registers[Register.RSP] = top;
        registers[Windows ? Register.RCX : Register.RDI] = (ulong)argument;
        Register[] kept = Windows
            ? [Register.RSP, Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R12, Register.R13, Register.R14, Register.R15]
            : [Register.RSP, Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];
        var before = kept.Select(register => registers[register]).ToList();
        ulong address = 0;
        for (var steps = 0; program[address].Mnemonic != Mnemonic.Ret; steps++)
        {
            if (steps == MostSteps)
                throw new InvalidOperationException("The program does not end.");
            var instruction = program[address];
            address = instruction.Mnemonic == Mnemonic.Jne && !isZero ? instruction.NearBranchTarget : instruction.NextIP;
            Step(instruction);
        }

        if (!before.SequenceEqual(kept.Select(register => registers[register])))
            throw new InvalidOperationException("The caller's registers are not as they were.");
        CheckEnd();
    }

    /// <summary>Does what an instruction of vectors or tiles says.</summary>
    protected abstract void StepWide(in Instruction i);

    /// <summary>Makes sure that the state of vectors or tiles is what a caller expects.</summary>
    protected abstract void CheckEnd();

    /// <summary>The memory at an address that an instruction reads or writes.</summary>
    protected Span<byte> Memory(ulong address, int bytes, bool writing)
    {
        foreach (var (start, end, isWritten) in allowed)
        {
            if (address >= start && address + (ulong)bytes <= end && (isWritten || !writing))
                return new Span<byte>((void*)address, bytes);
        }

        throw new InvalidOperationException($"{bytes} bytes at {address:X} are not the program's to {(writing ? "write" : "read")}.");
    }

    /// <summary>The address of a memory operand.</summary>
    protected ulong Address(in Instruction i) =>
        registers[i.MemoryBase] + i.MemoryDisplacement64 + (i.MemoryIndex == Register.None ? 0 : Value(i.MemoryIndex) * (ulong)i.MemoryIndexScale);

    /// <summary>What a general register holds.</summary>
    protected ulong Value(Register register) => registers[register];

    private void Step(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Jne: break;
            case Mnemonic.Prefetcht0: break;
            case Mnemonic.Push:
                registers[Register.RSP] -= sizeof(ulong);
                MemoryMarshal.Write(Memory(registers[Register.RSP], sizeof(ulong), writing: true), registers[i.Op0Register]);
                break;
            case Mnemonic.Pop:
                registers[i.Op0Register] = MemoryMarshal.Read<ulong>(Memory(registers[Register.RSP], sizeof(ulong), writing: false));
                registers[Register.RSP] += sizeof(ulong);
                break;
            case Mnemonic.Mov: Write(i, Source(i, 1)); break;
            case Mnemonic.Lea: Write(i, Address(i)); break;
            case Mnemonic.Add: WriteResult(i, Source(i, 0) + Source(i, 1)); break;
            case Mnemonic.Sub: WriteResult(i, Source(i, 0) - Source(i, 1)); break;
            case Mnemonic.Shl: WriteResult(i, Source(i, 0) << i.Immediate8); break;
            case Mnemonic.Shr: WriteResult(i, Source(i, 0) >> i.Immediate8); break;
            case Mnemonic.Dec: WriteResult(i, Source(i, 0) - 1); break;
            default: StepWide(i); break;
        }
    }

    private ulong Source(in Instruction i, int operand) => i.GetOpKind(operand) switch
    {
        OpKind.Register => registers[i.GetOpRegister(operand)],
        OpKind.Memory => MemoryMarshal.Read<ulong>(Memory(Address(i), sizeof(ulong), writing: false)),
        _ => i.GetImmediate(operand),
    };

    private void WriteResult(in Instruction i, ulong value)
    {
        isZero = value == 0;
        Write(i, value);
    }

    private void Write(in Instruction i, ulong value)
    {
        if (i.Op0Kind == OpKind.Register)
            registers[i.Op0Register] = value;
        else
            MemoryMarshal.Write(Memory(Address(i), sizeof(ulong), writing: true), value);
    }
}
