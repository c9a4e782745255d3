using Attune.Recipes;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>Every recipe that reads the SDK's documentation trains: here on a few sentences, for two updates.</summary>
public sealed class RecipeFilesTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "recipes");

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-recipes-").FullName;

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "sdkdoc-*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_trains(string name)
    {
        string text = Path.Combine(_folder, "corpus.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 120).Select(i => i % 6 == 5 ? "" : $"The {Word(i)} reads the {Word(3 * i + 1)} of a {Word(7 * i + 2)}. It gives the {Word(5 * i)} back."));
        // So few sentences have few tokens, which clusters must fit.
        string[] clusters = name.EndsWith("transfo-xl", StringComparison.Ordinal) ? ["model.config.cutoffs=[50, 100]"] : [];
        RecipeFields recipe = RecipeFile.Load(Path.Combine(Folder, name + ".yaml"),
        [
            .. clusters, $"data.text={text}", "data.validation_share=0", "training.steps=2", "training.batch=2", "training.evaluate_every=0", "tokenizer.vocabulary=300",
        ]);
        IReadOnlyList<RecipeOutcome> outcomes = RecipeRunner.Run(recipe, Path.Combine(_folder, "run"), _ => [], TestContext.Current.CancellationToken);
        Assert.All(outcomes, outcome => Assert.True(double.IsFinite(outcome.Training.State.LastLoss)));
        Assert.True(File.Exists(Path.Combine(outcomes[0].Folder, "model.safetensors")));
    }

    private static string Word(int i) => ((string[])["stream", "reader", "buffer", "token", "writer", "value", "header", "file", "segment"])[i % 9];
}
