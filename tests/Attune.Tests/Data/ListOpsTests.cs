using Attune.Data.Synthetic;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Data;

public sealed class ListOpsTests
{
    private static readonly ListOpsShape Short = new() { MaxDepth = 5, MaxArguments = 4, MinLength = 6, MaxLength = 60 };

    [Fact]
    public void Trees_are_different_of_the_asked_lengths_and_can_be_read_back()
    {
        IReadOnlyList<ListOps> trees = ListOps.Generate(Short, 50, new RandomStream(4));
        Assert.Equal(50, trees.Select(tree => tree.ToString()).Distinct().Count());
        Assert.All(trees, tree =>
        {
            Assert.InRange(tree.Length, 7, 59);
            Assert.InRange(tree.Value, 0, 9);
            ListOps read = ListOps.Parse(tree.ToString());
            Assert.Equal((tree.ToString(), tree.Value, tree.Length), (read.ToString(), read.Value, read.Length));
        });
        Assert.Equal(trees.Select(tree => tree.ToString()), ListOps.Generate(Short, 50, new RandomStream(4)).Select(tree => tree.ToString()));
    }

    [Theory]
    [InlineData("( ( ( [SUM 2 ) 9 ) ] )")]
    [InlineData("( ( ( [MAX 2 ) 9 )")]
    [InlineData("( [MAX ] )")]
    [InlineData("3 4")]
    [InlineData("")]
    public void What_is_no_tree_is_refused(string text) => Assert.Throws<FormatException>(() => ListOps.Parse(text));

    [Fact]
    public void Lengths_that_do_not_occur_are_refused() => Assert.Throws<InvalidOperationException>(
        () => ListOps.Generate(Short with { MaxDepth = 1 }, 1, new RandomStream(1)));
}
