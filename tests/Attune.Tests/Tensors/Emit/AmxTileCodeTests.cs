using System.Runtime.InteropServices;
using Attune.Tensors;
using Attune.Tensors.Emit;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using Xunit;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tests.Tensors.Emit;

/// <summary>Whole products through emitted AMX tiles, interpreted where the CPU has none, against the other forms.</summary>
public sealed unsafe class AmxTileCodeTests
{
    private static readonly Dictionary<ulong, Instruction> BytesProgram = AmxInterpreter.Decode(AmxTileCode.Assemble(GroupKind.Bytes, windows: false));
    private static readonly Dictionary<ulong, Instruction> BFloat16Program = AmxInterpreter.Decode(AmxTileCode.Assemble(GroupKind.BFloat16, windows: false));

    /// <summary>Whole tiles, parts of tiles and panels, sums of one step and of several that end in the middle of one.</summary>
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 32, 32, 64 }, { 33, 40, 65 }, { 8, 7, 3 }, { 70, 130, 200 }, { 64, 64, 128 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void BytesHaveTheSameBits(int rows, int columns, int depth)
    {
        foreach (var accumulate in (bool[])[false, true])
        {
            Assert.Equal(
                Multiply(rows, columns, depth, accumulate, null, GroupKind.Bytes),
                Multiply(rows, columns, depth, accumulate, &Bytes, GroupKind.Bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void BFloat16Agrees(int rows, int columns, int depth)
    {
        foreach (var accumulate in (bool[])[false, true])
        {
            var expected = Multiply(rows, columns, depth, accumulate, null, GroupKind.BFloat16);
            var actual = Multiply(rows, columns, depth, accumulate, &BFloat16, GroupKind.BFloat16);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-6f * depth);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheCodeIsThatOfTheConvention(bool windows)
    {
        var program = AmxInterpreter.Decode(AmxTileCode.Assemble(GroupKind.BFloat16, windows)).Values.ToList();
        Assert.Equal(windows ? Register.RCX : Register.RDI, program[0].Op1Register);
        Assert.Equal(4, program.Count(i => i.Mnemonic == Mnemonic.Tdpbf16ps));
        Assert.Equal(4, program.Count(i => i.Mnemonic == Mnemonic.Tilestored));
        // What the encodings of these instructions must be: 16-byte operands in VEX, the memory operand with an index.
        Assert.All(program.Where(i => i.Mnemonic is Mnemonic.Tileloadd or Mnemonic.Tilestored), i => Assert.True(i.Encoding == EncodingKind.VEX && i.MemoryIndex != Register.None));
    }

    [UnmanagedCallersOnly]
    private static void Bytes(GroupTileArguments* arguments) => AmxInterpreter.Call(BytesProgram, arguments);

    [UnmanagedCallersOnly]
    private static void BFloat16(GroupTileArguments* arguments) => AmxInterpreter.Call(BFloat16Program, arguments);

    /// <summary>A product with the given tiles, or with those of this machine.</summary>
    private static float[] Multiply(
        int rows, int columns, int depth, bool accumulate, delegate* unmanaged<GroupTileArguments*, void> tile, GroupKind kind)
    {
        var random = new Random(rows);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 0.8))];
        float[] a = Values(rows * depth), b = Values(depth * columns), c = Values(rows * columns);
        fixed (float* x = a, y = b, z = c)
        {
            MatrixView left = new(x, rows, depth), right = new(y, depth, columns), target = new(z, rows, columns);
            if (tile is null)
                Product.Multiply(kind == GroupKind.Bytes ? Precision.Int8 : Precision.BFloat16, left, right, target, accumulate, default(NoEpilogue));
            else
                GroupedProduct.Multiply(kind, new GroupTiles(kind, tile), left, right, target, accumulate, default(NoEpilogue));
        }

        return c;
    }
}
