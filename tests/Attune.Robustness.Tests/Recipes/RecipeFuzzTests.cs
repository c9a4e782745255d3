using System.Text;
using Attune.Recipes;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Recipes;

public sealed class RecipeFuzzTests
{
    private static readonly byte[] s_seed = """
        model: { family: bert, layers: 4, width: &w 128 }
        objective: masked-lm
        data:
          train: [a.txt, "b c.txt"]   # comment
          rows: !!int 62
        training:
          steps: 1_000
          rates: [1e-3, 1e-4]
          width: *w
          text: |
            two
            lines
        """u8.ToArray();

    [Fact]
    public void DamagedRecipesAreRefusedCleanly() => ParserFuzzer.Run<RecipeException>([s_seed], bytes =>
    {
        RecipeFields recipe = RecipeFile.Parse(Encoding.UTF8.GetString(bytes), "recipe.yaml", ["training.steps=5"]);
        _ = recipe.Keys.ToArray();
        _ = recipe.TextOrNull("objective");
        _ = recipe.Has("model");
    });

    [Theory]
    [InlineData("a: ", "[")]
    [InlineData("", "a: {")]
    [InlineData("", "- ")]
    public void DeepNestingIsRefused(string start, string repeated) => Assert.Contains(
        "nested", Assert.Throws<RecipeException>(() => RecipeFile.Parse(start + string.Concat(Enumerable.Repeat(repeated, 100_000)), "recipe.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void DeepNestingInASettingIsRefused() =>
        Assert.Throws<RecipeException>(() => RecipeFile.Parse("a: 1", "recipe.yaml", ["a=" + new string('[', 100_000)]));
}
