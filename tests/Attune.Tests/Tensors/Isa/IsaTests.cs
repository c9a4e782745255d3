using System.Runtime.Intrinsics.X86;
using Attune.Tensors;
using Xunit;

namespace Attune.Tests.Tensors;

public sealed class IsaTests
{
    private static readonly InstructionSet[] UpToAvx2 = [InstructionSet.Portable, InstructionSet.Avx2];

    [Theory]
    [InlineData(null, InstructionSet.Avx2)]
    [InlineData("", InstructionSet.Avx2)]
    [InlineData("portable", InstructionSet.Portable)]
    [InlineData(" AVX2 ", InstructionSet.Avx2)]
    public void ChoosesTheBestUnlessForced(string? wish, InstructionSet expected) =>
        Assert.Equal(expected, Isa.Choose(wish, UpToAvx2));

    [Theory]
    [InlineData("avx512")]
    [InlineData("sse9")]
    [InlineData("1")]
    public void AMissingSetIsAnErrorThatNamesWhatIsThere(string wish)
    {
        var error = Assert.Throws<PlatformNotSupportedException>(() => Isa.Choose(wish, UpToAvx2));
        Assert.Contains(wish, error.Message, StringComparison.Ordinal);
        Assert.Contains("portable, avx2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PortableIsAlwaysThere() => Assert.Equal(InstructionSet.Portable, Isa.Available[0]);

    /// <summary>What .NET found out by itself about the states that the system keeps must be what the register says.</summary>
    [Fact]
    public void TheSystemKeepsTheStatesOfVectorsInUse()
    {
        const ulong vectors = 0b110, masksAndWideVectors = 0b1110_0000, tiles = 3ul << 17;
        var states = ExtendedControlRegister.Read();
        Assert.Equal(Avx.IsSupported, (states & vectors) == vectors);
        Assert.True(!Avx512F.IsSupported || (states & masksAndWideVectors) == masksAndWideVectors);
        Assert.True(!AmxTiles.AreUsable() || (AmxTiles.ArePresent && (states & tiles) == tiles));
    }

    [Fact]
    public void InstructionsForBytesAreThoseThatDotNetFinds()
    {
        Assert.Equal(AvxVnni.IsSupported, DotInstructions.Bytes256);
        Assert.Equal(AmxTiles.AreUsable() && Isa.Available.Contains(InstructionSet.Avx512), Isa.Available.Contains(InstructionSet.Amx));
    }

    [Fact]
    public void ForceHoldsOnThisThreadUntilDisposed()
    {
        var before = Isa.Current;
        using (Isa.Force(InstructionSet.Portable))
        {
            Assert.Equal(InstructionSet.Portable, Isa.Current);
            InstructionSet? elsewhere = null;
            var thread = new Thread(() => elsewhere = Isa.Current);
            thread.Start();
            thread.Join();
            Assert.Equal(before, elsewhere);
        }

        Assert.Equal(before, Isa.Current);
    }
}
