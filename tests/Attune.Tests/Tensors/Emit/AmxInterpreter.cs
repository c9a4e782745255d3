using System.Runtime.InteropServices;
using Iced.Intel;

namespace Attune.Tests.Tensors.Emit;

/// <summary>Runs emitted AMX code on a CPU that has none: reads the machine code back and does what each instruction says.</summary>
/// <remarks>Knows the instructions that the tiles consist of; any other one is an error.</remarks>
internal sealed unsafe class AmxInterpreter
{
    private const int Rows = 16;
    private const int RowBytes = 64;

    private readonly Dictionary<Register, ulong> registers = [];
    private readonly Stack<ulong> stack = new();
    private readonly byte[][] tiles = [.. Enumerable.Range(0, 8).Select(_ => new byte[Rows * RowBytes])];
    private bool isConfigured;
    private bool isZero;

    private AmxInterpreter()
    {
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

    /// <summary>Calls a program as a function of one pointer, by the convention of System V.</summary>
    public static void Call(Dictionary<ulong, Instruction> program, void* argument)
    {
        var machine = new AmxInterpreter();
        machine.registers[Register.RDI] = (ulong)argument;
        for (ulong address = 0; ;)
        {
            var instruction = program[address];
            if (instruction.Mnemonic == Mnemonic.Ret)
                break;
            address = instruction.Mnemonic == Mnemonic.Jne && !machine.isZero ? instruction.NearBranchTarget : instruction.NextIP;
            machine.Step(instruction);
        }

        if (machine.stack.Count != 0 || machine.isConfigured)
            throw new InvalidOperationException("The stack or the state of the tiles is not as it was.");
    }

    private void Step(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Jne: break;
            case Mnemonic.Push: stack.Push(registers.GetValueOrDefault(i.Op0Register)); break;
            case Mnemonic.Pop: registers[i.Op0Register] = stack.Pop(); break;
            case Mnemonic.Mov: registers[i.Op0Register] = Source(i); break;
            case Mnemonic.Add: registers[i.Op0Register] += Source(i); break;
            case Mnemonic.Shl: registers[i.Op0Register] <<= i.Immediate8; break;
            case Mnemonic.Shr: registers[i.Op0Register] >>= i.Immediate8; break;
            case Mnemonic.Dec: isZero = --registers[i.Op0Register] == 0; break;
            case Mnemonic.Ldtilecfg: Configure((byte*)Address(i)); break;
            case Mnemonic.Tilerelease: isConfigured = false; break;
            case Mnemonic.Tilezero: Tile(i.Op0Register).AsSpan().Clear(); break;
            case Mnemonic.Tileloadd: ForRows(i, Tile(i.Op0Register), (row, memory) => memory.CopyTo(row)); break;
            case Mnemonic.Tilestored: ForRows(i, Tile(i.Op1Register), (row, memory) => row.CopyTo(memory)); break;
            case Mnemonic.Tdpbusd: AddBytes(Tile(i.Op0Register), Tile(i.Op1Register), Tile(i.Op2Register)); break;
            case Mnemonic.Tdpbf16ps: AddBFloat16(Tile(i.Op0Register), Tile(i.Op1Register), Tile(i.Op2Register)); break;
            default: throw new InvalidOperationException($"{i} is not among the instructions of a tile.");
        }
    }

    private ulong Source(in Instruction i) => i.Op1Kind switch
    {
        OpKind.Register => registers[i.Op1Register],
        OpKind.Memory => *(ulong*)Address(i),
        _ => i.GetImmediate(1),
    };

    private ulong Address(in Instruction i) => registers[i.MemoryBase] + i.MemoryDisplacement64;

    // Of a tile's address the index register is not added but the distance of rows.
    private void ForRows(in Instruction i, byte[] tile, RowAction action)
    {
        var stride = registers[i.MemoryIndex] * (ulong)i.MemoryIndexScale;
        for (var row = 0; row < Rows; row++)
            action(tile.AsSpan(row * RowBytes, RowBytes), new Span<byte>((byte*)Address(i) + ((ulong)row * stride), RowBytes));
    }

    private byte[] Tile(Register register) => isConfigured
        ? tiles[register - Register.TMM0]
        : throw new InvalidOperationException("A tile is used before its configuration.");

    private void Configure(byte* configuration)
    {
        if (configuration[0] != 1)
            throw new InvalidOperationException($"Palette {configuration[0]} is not the one of eight tiles.");
        for (var tile = 0; tile < tiles.Length; tile++)
        {
            if (((ushort*)(configuration + 16))[tile] != RowBytes || configuration[48 + tile] != Rows)
                throw new InvalidOperationException($"Tile {tile} is not 16 rows of 64 bytes.");
        }

        isConfigured = true;
    }

    private static void AddBytes(byte[] sums, byte[] left, byte[] right)
    {
        var c = MemoryMarshal.Cast<byte, int>(sums.AsSpan());
        for (var m = 0; m < Rows; m++)
        {
            for (var n = 0; n < Rows; n++)
            {
                for (var k = 0; k < RowBytes; k++)
                    c[(m * Rows) + n] += left[(m * RowBytes) + k] * (sbyte)right[(k / 4 * RowBytes) + (4 * n) + (k % 4)];
            }
        }
    }

    private static void AddBFloat16(byte[] sums, byte[] left, byte[] right)
    {
        var c = MemoryMarshal.Cast<byte, float>(sums.AsSpan());
        var a = MemoryMarshal.Cast<byte, ushort>(left);
        var b = MemoryMarshal.Cast<byte, ushort>(right);
        for (var m = 0; m < Rows; m++)
        {
            for (var n = 0; n < Rows; n++)
            {
                for (var k = 0; k < 2 * Rows; k++)
                    c[(m * Rows) + n] += Widened(a[(m * 2 * Rows) + k]) * Widened(b[(k / 2 * 2 * Rows) + (2 * n) + (k % 2)]);
            }
        }
    }

    private static float Widened(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private delegate void RowAction(Span<byte> row, Span<byte> memory);
}
