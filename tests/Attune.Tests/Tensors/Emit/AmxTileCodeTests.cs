using System.Runtime.InteropServices;
using Attune.Tensors.Emit;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Iced.Intel;
using Xunit;

namespace Attune.Tests.Tensors.Emit;

/// <summary>Emitted AMX tiles, interpreted whether the CPU has AMX or not, against the other forms and against what a CPU would refuse.</summary>
public sealed unsafe class AmxTileCodeTests
{
    private static readonly Dictionary<ulong, Instruction> BytesProgram = CodeInterpreter.Decode(AmxTileCode.Assemble(GroupKind.Bytes, windows: false));
    private static readonly Dictionary<ulong, Instruction> BFloat16Program = CodeInterpreter.Decode(AmxTileCode.Assemble(GroupKind.BFloat16, windows: false));

    private static Exception? failure;

    public static TheoryData<int, int, int> Sizes => TileProduct.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void BytesHaveTheSameBits(int rows, int columns, int depth)
    {
        foreach (var accumulate in (bool[])[false, true])
        {
            Assert.Equal(
                TileProduct.Multiply(rows, columns, depth, accumulate, null, GroupKind.Bytes),
                TileProduct.Multiply(rows, columns, depth, accumulate, new GroupTiles(GroupKind.Bytes, &Bytes), GroupKind.Bytes));
            Assert.Null(failure);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void BFloat16Agrees(int rows, int columns, int depth)
    {
        foreach (var accumulate in (bool[])[false, true])
        {
            var expected = TileProduct.Multiply(rows, columns, depth, accumulate, null, GroupKind.BFloat16);
            var actual = TileProduct.Multiply(rows, columns, depth, accumulate, new GroupTiles(GroupKind.BFloat16, &BFloat16), GroupKind.BFloat16);
            Assert.Null(failure);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-6f * depth);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheCodeKeepsToItsMemoryAndToTheConvention(bool windows)
    {
        foreach (var kind in Enum.GetValues<GroupKind>())
        {
            foreach (var groups in (int[])[16, 48])
            {
                var program = CodeInterpreter.Decode(AmxTileCode.Assemble(kind, windows));
                Call(program, windows, groups, Configuration());
                Assert.All(program.Values, i => Assert.False(i.IsInvalid));
            }
        }
    }

    /// <summary>A CPU refuses each of these configurations, or a later instruction because of it: so does the interpreter.</summary>
    [Theory]
    [InlineData(0, 0, "#UD")] // The palette without tiles.
    [InlineData(0, 2, "#GP")]
    [InlineData(1, 3, "Row 0")]
    [InlineData(2, 1, "#GP")] // Reserved bytes.
    [InlineData(15, 1, "#GP")]
    [InlineData(32, 64, "#GP")]
    [InlineData(47, 1, "#GP")]
    [InlineData(56, 16, "#GP")]
    [InlineData(63, 1, "#GP")]
    [InlineData(16, 68, "#GP")] // Too many bytes of a row, or rows.
    [InlineData(17, 1, "#GP")]
    [InlineData(48, 17, "#GP")]
    [InlineData(16, 0, "#GP")] // Rows without bytes, bytes without rows.
    [InlineData(55, 0, "#GP")]
    [InlineData(48, 15, "#UD")] // Sums, left and right operands that do not fit together.
    [InlineData(16, 60, "#UD")]
    [InlineData(52, 8, "#UD")]
    [InlineData(24, 62, "#UD")]
    [InlineData(54, 12, "#UD")]
    [InlineData(30, 32, "#UD")]
    public void WrongConfigurationsAreRefused(int index, byte value, string fault)
    {
        var configuration = Configuration();
        configuration[index] = value;
        var error = Assert.Throws<InvalidOperationException>(() => Call(BytesProgram, false, 16, configuration));
        Assert.StartsWith(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryOfOthersIsRefused()
    {
        foreach (var missing in (GroupTileArguments[])[new() { AStride = 1 << 20 }, new() { Groups = 16 }, new() { CStride = 1 << 20 }])
            Assert.Throws<InvalidOperationException>(() => Call(BytesProgram, false, 16, Configuration(), missing));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheEncodingIsThatOfTheInstructions(bool windows)
    {
        var program = CodeInterpreter.Decode(AmxTileCode.Assemble(GroupKind.BFloat16, windows)).Values.ToList();
        Assert.Equal(windows ? Register.RCX : Register.RDI, program[0].Op1Register);
        Assert.Equal(4, program.Count(i => i.Mnemonic == Mnemonic.Tdpbf16ps));
        Assert.Equal(4, program.Count(i => i.Mnemonic == Mnemonic.Tilestored));
        // The memory operand has a register for the distance of rows, which the encoding demands.
        Assert.All(program.Where(i => i.Mnemonic is Mnemonic.Tileloadd or Mnemonic.Tilestored), i => Assert.True(i.Encoding == EncodingKind.VEX && i.MemoryIndex != Register.None));
    }

    /// <summary>The bytes that Intel's manual gives: tdpbusd is VEX.128.66.0F38.W0 5E, tdpbf16ps VEX.128.F3.0F38.W0 5C; the second factor is in vvvv.</summary>
    [Fact]
    public void ProductsAreEncodedAsTheManualSays()
    {
        Assert.True(AmxTileCode.Assemble(GroupKind.Bytes, windows: false).AsSpan().IndexOf((ReadOnlySpan<byte>)[0xC4, 0xE2, 0x49, 0x5E, 0xC4]) > 0); // tmm0 += tmm4 tmm6
        Assert.True(AmxTileCode.Assemble(GroupKind.BFloat16, windows: false).AsSpan().IndexOf((ReadOnlySpan<byte>)[0xC4, 0xE2, 0x42, 0x5C, 0xDD]) > 0); // tmm3 += tmm5 tmm7
    }

    private static byte[] Configuration()
    {
        var configuration = new byte[AmxTileCode.ConfigurationBytes];
        Array.Fill(configuration, byte.MaxValue);
        AmxTileCode.Configure(configuration);
        return configuration;
    }

    /// <summary>A tile with just the memory it may touch, or with wrong distances within it.</summary>
    private static void Call(Dictionary<ulong, Instruction> program, bool windows, int groups, byte[] configuration, GroupTileArguments wrong = default)
    {
        const int gap = 64;
        byte[] a = new byte[AmxTileCode.Rows * ((groups * GroupKinds.Bytes) + gap)], b = new byte[groups * GroupKinds.Bytes * GroupKinds.PanelColumns];
        var c = new float[AmxTileCode.Rows * (GroupKinds.PanelColumns + gap)];
        fixed (byte* x = a, y = b, settings = configuration)
        fixed (float* z = c)
        {
            var arguments = new GroupTileArguments
            {
                Groups = groups + wrong.Groups,
                A = x,
                AStride = (groups * GroupKinds.Bytes) + gap + wrong.AStride,
                B = y,
                C = z,
                CStride = ((GroupKinds.PanelColumns + gap) * sizeof(float)) + wrong.CStride,
                Panels = 1,
                TileConfiguration = settings,
            };
            var interpreter = new AmxInterpreter(windows);
            interpreter.Allow(x, a.Length);
            interpreter.Allow(y, b.Length);
            interpreter.Allow(settings, configuration.Length);
            interpreter.Allow(&arguments, sizeof(GroupTileArguments));
            interpreter.Allow(z, c.Length * sizeof(float), writing: true);
            interpreter.Call(program, &arguments);
        }
    }

    [UnmanagedCallersOnly]
    private static void Bytes(GroupTileArguments* arguments) => Run(BytesProgram, arguments);

    [UnmanagedCallersOnly]
    private static void BFloat16(GroupTileArguments* arguments) => Run(BFloat16Program, arguments);

    // What is thrown must not leave the function: its caller is not managed code.
    private static void Run(Dictionary<ulong, Instruction> program, GroupTileArguments* arguments)
    {
        try
        {
            var interpreter = new AmxInterpreter();
            interpreter.Allow(arguments, sizeof(GroupTileArguments));
            interpreter.Allow(arguments->TileConfiguration, AmxTileCode.ConfigurationBytes);
            interpreter.Allow(arguments->B, arguments->Groups * GroupKinds.Bytes * GroupKinds.PanelColumns);
            for (var row = 0; row < AmxTileCode.Rows; row++)
            {
                interpreter.Allow(arguments->A + (row * arguments->AStride), arguments->Groups * GroupKinds.Bytes);
                interpreter.Allow((byte*)arguments->C + (row * arguments->CStride), GroupKinds.PanelColumns * sizeof(float), writing: true);
            }

            interpreter.Call(program, arguments);
        }
        catch (InvalidOperationException error)
        {
            failure = error;
        }
    }
}
