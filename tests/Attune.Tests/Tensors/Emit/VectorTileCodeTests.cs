using Attune.Tensors;
using Attune.Tensors.Emit;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using Xunit;

namespace Attune.Tests.Tensors.Emit;

/// <summary>What the emitted tiles consist of and compute, read back by a disassembler: also for CPUs and systems that are not this one.</summary>
public sealed unsafe class VectorTileCodeTests
{
    public static TheoryData<bool, int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<bool, int, bool>();
            foreach (var wide in (bool[])[false, true])
            {
                for (var rows = 1; rows <= Form(wide).MaxRows; rows++)
                {
                    shapes.Add(wide, rows, false);
                    shapes.Add(wide, rows, true);
                }
            }

            return shapes;
        }
    }

    public static TheoryData<int, int, int> Sizes => TileProduct.Sizes;

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ATileMultipliesEachRowWithAllColumns(bool wide, int rows, bool windows)
    {
        foreach (var (kind, dot) in (IEnumerable<(GroupKind, Mnemonic)>)[(GroupKind.Bytes, Mnemonic.Vpdpbusd), (GroupKind.BFloat16, Mnemonic.Vdpbf16ps)])
        {
            var form = Form(wide);
            if (form.Add(kind) == Code.INVALID)
                continue;
            var code = Read(VectorTileCode.Assemble(form, kind, rows, windows));
            var sums = code.Where(i => i.Mnemonic == dot).Select(i => i.Op0Register).ToList();
            Assert.Equal(form.PanelRegisters * rows, sums.Count);
            Assert.Equal(sums.Count, sums.Distinct().Count());
            Assert.Equal(rows, code.Count(i => i.Mnemonic == Mnemonic.Vpbroadcastd));
            // Sums begin at zero and end in memory.
            Assert.Equal(sums.Order(), code.Where(i => i.Mnemonic is Mnemonic.Vpxor or Mnemonic.Vpxord).Select(i => i.Op0Register).Order());
            Assert.Equal(sums.Order(), code.Where(i => i.Mnemonic == Mnemonic.Vmovups && i.Op0Kind == OpKind.Memory && !i.Op1Register.IsXMM()).Select(i => i.Op1Register).Order());
            Assert.Equal(Mnemonic.Ret, code[^1].Mnemonic);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheSumsAreThoseOfTheDefinition(bool wide, int rows, bool windows)
    {
        foreach (var (groups, panels) in (IEnumerable<(int, int)>)[(16, 1), (48, 3)])
        {
            var random = new Random(rows);
            var panelBytes = (int)GroupKind.Bytes.PanelBytes(groups);
            const int gap = 64;
            var aStride = (groups * GroupKinds.Bytes) + gap;
            byte[] a = new byte[(rows * aStride) - gap], b = new byte[panels * panelBytes];
            random.NextBytes(a);
            random.NextBytes(b);
            var width = panels * GroupKinds.PanelColumns;
            var actual = new int[rows * width];
            fixed (byte* x = a, y = b)
            fixed (int* z = actual)
            {
                var arguments = new GroupTileArguments
                {
                    Groups = groups,
                    A = x,
                    AStride = aStride,
                    B = y,
                    C = (float*)z,
                    CStride = width * sizeof(int),
                    Panels = panels,
                };
                var interpreter = new VectorInterpreter(windows);
                interpreter.Allow(&arguments, sizeof(GroupTileArguments), writing: true);
                interpreter.Allow(x, a.Length);
                interpreter.Allow(y, b.Length);
                interpreter.Allow(z, actual.Length * sizeof(int), writing: true);
                interpreter.Call(CodeInterpreter.Decode(VectorTileCode.Assemble(Form(wide), GroupKind.Bytes, rows, windows)), &arguments);
            }

            for (var i = 0; i < actual.Length; i++)
            {
                var (row, column) = Math.DivRem(i, width);
                var (panel, lane) = Math.DivRem(column, GroupKinds.PanelColumns);
                var sum = 0;
                for (var k = 0; k < groups * GroupKinds.Bytes; k++)
                    sum += a[(row * aStride) + k] * (sbyte)b[(panel * panelBytes) + (k / 4 * 4 * GroupKinds.PanelColumns) + (4 * lane) + (k % 4)];
                Assert.Equal(sum, actual[i]);
            }
        }
    }

    /// <summary>
    /// The code for AVX-VNNI on a real CPU: as it is where there is AVX-VNNI, else with the encoding that AVX-512 has for the one instruction
    /// that is missing; nothing else changes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void ProductsThroughAvxVnniHaveTheSameBits(int rows, int columns, int depth)
    {
        Assert.SkipUnless(DotInstructions.Bytes256 || DotInstructions.Bytes512, "This CPU has no form of vpdpbusd.");
        byte[] Assemble(int count)
        {
            var code = VectorTileCode.Assemble(VectorTileForm.AvxVnni, GroupKind.Bytes, count, OperatingSystem.IsWindows());
            return DotInstructions.Bytes256 ? code : WithAvx512(code);
        }

        var tiles = new VectorTiles("AVX-VNNI", VectorTileForm.AvxVnni.MaxRows, Assemble);
        using var force = Isa.Force(InstructionSet.Avx2);
        foreach (var accumulate in (bool[])[false, true])
        {
            Assert.Equal(
                TileProduct.Multiply(rows, columns, depth, accumulate, null, GroupKind.Bytes),
                TileProduct.Multiply(rows, columns, depth, accumulate, new GroupTiles(GroupKind.Bytes, tiles), GroupKind.Bytes));
        }
    }

    /// <summary>The bytes that Intel's manual gives: VEX.256.66.0F38.W0 50, the first factor in vvvv; not a longer form that only AVX-512 has.</summary>
    [Fact]
    public void AvxVnniIsEncodedAsTheManualSays()
    {
        var code = VectorTileCode.Assemble(VectorTileForm.AvxVnni, GroupKind.Bytes, 1, windows: false);
        Assert.True(code.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xC4, 0xE2, 0x0D, 0x50, 0x06]) > 0); // ymm0 += ymm14 [rsi]
        for (var rows = 1; rows <= VectorTileForm.AvxVnni.MaxRows; rows++)
        {
            var wide = Read(VectorTileCode.Assemble(VectorTileForm.AvxVnni, GroupKind.Bytes, rows, windows: true));
            Assert.DoesNotContain(wide, i => i.Encoding == EncodingKind.EVEX);
            // Nothing that a CPU with AVX2 may lack, but for the one instruction.
            CpuidFeature[] features = [CpuidFeature.INTEL8086, CpuidFeature.X64, CpuidFeature.SSE, CpuidFeature.AVX, CpuidFeature.AVX2];
            Assert.Equal([CpuidFeature.AVX_VNNI], wide.SelectMany(i => i.CpuidFeatures).Distinct().Except(features));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheCallersRegistersAreRestored(bool wide, int rows, bool windows)
    {
        var code = Read(VectorTileCode.Assemble(Form(wide), GroupKind.Bytes, rows, windows));
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

    private static VectorTileForm Form(bool wide) => wide ? VectorTileForm.Avx512 : VectorTileForm.AvxVnni;

    private static byte[] WithAvx512(byte[] code)
    {
        var instructions = Read(code);
        for (var i = 0; i < instructions.Count; i++)
        {
            var instruction = instructions[i];
            if (instruction.Code == Code.VEX_Vpdpbusd_ymm_ymm_ymmm256)
                instruction.Code = Code.EVEX_Vpdpbusd_ymm_k1z_ymm_ymmm256b32;
            instructions[i] = instruction;
        }

        using var bytes = new MemoryStream();
        Assert.True(BlockEncoder.TryEncode(64, new InstructionBlock(new StreamCodeWriter(bytes), instructions, 0), out var error, out _), error);
        return bytes.ToArray();
    }

    private static List<Instruction> Read(byte[] bytes)
    {
        var code = CodeInterpreter.Decode(bytes).Values.ToList();
        Assert.DoesNotContain(code, i => i.IsInvalid);
        return code;
    }
}
