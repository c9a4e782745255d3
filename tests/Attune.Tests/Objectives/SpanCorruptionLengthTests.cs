using Attune.Objectives;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>The lengths that T5's original derives from the length of its sources, where rounding decides.</summary>
public sealed class SpanCorruptionLengthTests
{
    [Theory]
    [InlineData(352, 0.15, 3, 390, 78)]
    [InlineData(181, 0.15, 1.5, 189, 48)]
    [InlineData(12, 0.1, 2, 12, 2)]
    [InlineData(8, 0.1, 1, 7, 3)]
    [InlineData(101, 0.5, 2, 133, 100)]
    public void Lengths_are_those_of_the_original(int source, double density, double mean, int tokens, int target) =>
        Assert.Equal((tokens, target), new SpanCorruptionOptions(100, 1) { Density = density, MeanLength = mean }.LengthsFor(source));
}
