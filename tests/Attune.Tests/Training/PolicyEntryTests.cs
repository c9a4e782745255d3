using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Recipes;
using Attune.Training.Policies;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>What a recipe's <c>policy</c> trains.</summary>
public sealed class PolicyEntryTests
{
    [Theory]
    [InlineData("policy: everything", "mixer feedForward Norm embedding.tokens embedding.positions masked-lm")]
    [InlineData("policy: heads", "masked-lm")]
    [InlineData("policy: frozen-transformer", "Norm embedding.positions masked-lm")]
    [InlineData("policy: { name: frozen-transformer, norms: false, attention: true }", "mixer embedding.positions masked-lm")]
    [InlineData("policy: { name: kinds, kinds: [norms, positions, embeddings] }", "Norm embedding.tokens embedding.positions masked-lm")]
    public void A_policy_trains_what_it_says(string text, string parts)
    {
        Model model = TinyModels.Bert([new HeadRequest(HeadKind.MaskedLm)]);
        RecipeFields policy = RecipeFile.Parse(text, "recipe.yaml").ChildOrNull("policy")!;
        Catalog.Policies.Get(policy.Text("name")).Make(policy).Apply(model);
        string[] trained = parts.Split(' ');
        foreach (string part in (string[])["mixer", "feedForward", "Norm", "embedding.tokens", "embedding.positions", "masked-lm"])
        {
            (string Path, Parameter Parameter)[] own = [.. model.Parameters().Where(p => Is(p.Path, part)).Select(p => (p.Path, p.Parameter))];
            Assert.NotEmpty(own);
            Assert.All(own, p => Assert.True(p.Parameter.Trainable == trained.Contains(part), $"{text}: {p.Path}"));
        }
    }

    [Fact]
    public void A_kind_that_is_not_known_is_refused() => Assert.Contains(
        "norms, positions",
        Assert.Throws<RecipeException>(() => Catalog.Policies.Get("kinds").Make(RecipeFile.Parse("policy: { name: kinds, kinds: [bias] }", "recipe.yaml").ChildOrNull("policy")!)).Message,
        StringComparison.Ordinal);

    private static bool Is(string path, string part) => part switch
    {
        "masked-lm" => path.StartsWith("masked-lm.", StringComparison.Ordinal),
        "mixer" or "feedForward" => path.Contains($".{part}.", StringComparison.Ordinal),
        "Norm" => path.StartsWith("backbone.layers.", StringComparison.Ordinal) && path.Contains("Norm.", StringComparison.Ordinal),
        _ => path == "backbone." + part,
    };
}
