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
