using Attune.Inference;
using Xunit;

namespace Attune.Tests.Inference;

public sealed class CosineTests
{
    [Theory]
    [InlineData(new[] { 1f, 0f }, new[] { 2f, 0f }, 1)]
    [InlineData(new[] { 1f, 0f }, new[] { 0f, 3f }, 0)]
    [InlineData(new[] { 1f, 1f }, new[] { -2f, -2f }, -1)]
    [InlineData(new[] { 3f, 4f }, new[] { 4f, 3f }, 0.96)]
    [InlineData(new[] { 0f, 0f }, new[] { 4f, 3f }, 0)]
    public void The_angle_counts_and_the_length_does_not(float[] a, float[] b, double expected) =>
        Assert.Equal(expected, Cosine.Similarity(a, b), 6);

    [Fact]
    public void Vectors_of_different_models_are_not_compared() =>
        Assert.Throws<ArgumentException>(() => Cosine.Similarity([1, 2], [1, 2, 3]));
}
