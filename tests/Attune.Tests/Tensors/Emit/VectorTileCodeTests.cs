using Attune.Tensors.Emit;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using Xunit;

namespace Attune.Tests.Tensors.Emit;

/// <summary>What the emitted tiles consist of, read back by a disassembler: also for CPUs and systems that are not this one.</summary>
public sealed class VectorTileCodeTests
{
    public static TheoryData<int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, bool>();
            for (var rows = 1; rows <= VectorTileCode.MaxRows; rows++)
            {
                shapes.Add(rows, false);
                shapes.Add(rows, true);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ATileMultipliesEachRowWithBothRegistersOfColumns(int rows, bool windows)
    {
        foreach (var (kind, dot) in (IEnumerable<(GroupKind, Mnemonic)>)[(GroupKind.Bytes, Mnemonic.Vpdpbusd), (GroupKind.BFloat16, Mnemonic.Vdpbf16ps)])
        {
            var code = Read(VectorTileCode.Assemble(kind, rows, windows));
            var sums = code.Where(i => i.Mnemonic == dot).Select(i => i.Op0Register).ToList();
            Assert.Equal(2 * rows, sums.Count);
            Assert.Equal(2 * rows, sums.Distinct().Count());
            Assert.Equal(rows, code.Count(i => i.Mnemonic == Mnemonic.Vpbroadcastd));
            // Sums begin at zero and end in memory.
            Assert.Equal(sums.Order(), code.Where(i => i.Mnemonic == Mnemonic.Vpxord).Select(i => i.Op0Register).Order());
            Assert.Equal(sums.Order(), code.Where(i => i.Mnemonic == Mnemonic.Vmovups && i.Op0Kind == OpKind.Memory && i.Op1Register.IsZMM()).Select(i => i.Op1Register).Order());
            Assert.Equal(Mnemonic.Ret, code[^1].Mnemonic);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheCallersRegistersAreRestored(int rows, bool windows)
    {
        var code = Read(VectorTileCode.Assemble(GroupKind.Bytes, rows, windows));
        var pushed = code.Where(i => i.Mnemonic == Mnemonic.Push).Select(i => i.Op0Register).ToList();
        Assert.Equal(pushed, code.Where(i => i.Mnemonic == Mnemonic.Pop).Select(i => i.Op0Register).Reverse());

        // What a function must keep: the calling conventions of Windows and of System V.
        Register[] kept = windows
            ? [Register.RBX, Register.RBP, Register.RDI, Register.RSI, Register.R12, Register.R13, Register.R14, Register.R15]
            : [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];
        var written = code.Where(i => i.Mnemonic is Mnemonic.Mov or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Dec).Select(i => i.Op0Register);
        Assert.Empty(written.Intersect(kept).Except(pushed));

        var saved = code.Where(i => i.Mnemonic == Mnemonic.Vmovups && i.Op1Register.IsXMM()).Select(i => (i.Op1Register, i.MemoryDisplacement64)).ToList();
        var restored = code.Where(i => i.Mnemonic == Mnemonic.Vmovups && i.Op0Register.IsXMM()).Select(i => (i.Op0Register, i.MemoryDisplacement64)).ToList();
        Assert.Equal(saved, restored);
        Assert.Equal(windows ? Enumerable.Range(0, 10).Select(i => Register.XMM6 + i) : [], saved.Select(s => s.Op1Register));
    }

    private static List<Instruction> Read(byte[] bytes)
    {
        var decoder = Decoder.Create(64, bytes);
        List<Instruction> code = [];
        while (decoder.IP < (ulong)bytes.Length)
            code.Add(decoder.Decode());
        Assert.DoesNotContain(code, i => i.IsInvalid);
        return code;
    }
}
