using System.Runtime.InteropServices;
using Iced.Intel;

namespace Attune.Tests.Tensors.Emit;

/// <summary>The vector instructions of tiles of bytes, for registers of 16, 32 and 64 bytes.</summary>
internal sealed class VectorInterpreter : CodeInterpreter
{
    private const int MostBytes = 64;
    private const int Registers = 32;
    private const int FirstKept = 6;
    private const int LastKept = 15;
    private const int KeptBytes = 16;

    private readonly byte[][] registers = new byte[Registers][];
    private bool isUpperUsed;

    public VectorInterpreter(bool windows)
        : base(windows)
    {
        // Values that nothing may depend on.
        for (var i = 0; i < Registers; i++)
            registers[i] = Garbage(i);
    }

    protected override void StepWide(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Vpxor or Mnemonic.Vpxord: Write(i.Op0Register, Xor(Read(i, 1), Read(i, 2))); break;
            case Mnemonic.Vmovups when i.Op0Kind == OpKind.Memory:
                Read(i, 1).CopyTo(Memory(Address(i), i.Op1Register.GetSize(), writing: true));
                break;
            case Mnemonic.Vmovups: Write(i.Op0Register, Read(i, 1)); break;
            case Mnemonic.Vpbroadcastd: Write(i.Op0Register, Broadcast(Memory(Address(i), sizeof(int), writing: false), i.Op0Register.GetSize())); break;
            case Mnemonic.Vpdpbusd: Write(i.Op0Register, AddBytes(Read(i, 0), Read(i, 1), Read(i, 2))); break;
            case Mnemonic.Vzeroupper: ClearUpper(); break;
            default: throw new InvalidOperationException($"{i} is not among the instructions of a tile.");
        }
    }

    // Upper halves in use slow the caller's older instructions down.
    protected override void CheckEnd()
    {
        if (isUpperUsed)
            throw new InvalidOperationException("The upper halves of registers are not released.");
        for (var i = FirstKept; Windows && i <= LastKept; i++)
        {
            if (!registers[i].AsSpan(0, KeptBytes).SequenceEqual(Garbage(i).AsSpan(0, KeptBytes)))
                throw new InvalidOperationException($"Register xmm{i} is not as it was.");
        }
    }

    private static byte[] Garbage(int register) => [.. Enumerable.Range(0, MostBytes).Select(i => (byte)(i + (37 * register)))];

    private byte[] Read(in Instruction i, int operand) => i.GetOpKind(operand) == OpKind.Memory
        ? Memory(Address(i), i.MemorySize.GetSize(), writing: false).ToArray()
        : registers[i.GetOpRegister(operand).GetNumber()][..i.GetOpRegister(operand).GetSize()];

    // What lies above a vector's own register becomes zero.
    private void Write(Register target, byte[] value)
    {
        registers[target.GetNumber()] = [.. value, .. new byte[MostBytes - value.Length]];
        isUpperUsed |= target.GetSize() > KeptBytes;
    }

    private void ClearUpper()
    {
        for (var i = 0; i < Registers / 2; i++)
            registers[i].AsSpan(KeptBytes).Clear();
        isUpperUsed = false;
    }

    private static byte[] Xor(byte[] first, byte[] second) => [.. first.Zip(second, (a, b) => (byte)(a ^ b))];

    private static byte[] Broadcast(ReadOnlySpan<byte> lane, int bytes)
    {
        var result = new byte[bytes];
        for (var i = 0; i < bytes; i += lane.Length)
            lane.CopyTo(result.AsSpan(i));
        return result;
    }

    // Unsigned bytes of the first factor, signed ones of the second; sums wrap around.
    private static byte[] AddBytes(byte[] sums, byte[] left, byte[] right)
    {
        byte[] result = [.. sums];
        var lanes = MemoryMarshal.Cast<byte, int>(result.AsSpan());
        for (var i = 0; i < result.Length; i++)
            lanes[i / 4] += left[i] * (sbyte)right[i];
        return result;
    }
}
