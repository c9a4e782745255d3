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
    public void A_recipe_trains(string name) => AssertTrains(name);

    /// <summary>One line puts another mixer in any of them; objectives that need what it cannot do say so.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_trains_with_another_mixer(string name)
    {
        string[] mixer = ["model.mixer=lightweight-conv"];
        string? missing = name switch
        {
            "sdkdoc-plm-xlnet" => "two-stream",
            "sdkdoc-prefix-gpt2" => "free masks",
            _ => null,
        };
        if (missing is null)
            AssertTrains(name, mixer);
        else
            Assert.Contains(missing, Assert.Throws<ArgumentException>(() => AssertTrains(name, mixer)).Message, StringComparison.Ordinal);
    }

    private void AssertTrains(string name, params string[] changes)
    {
        if (name == "sdkdoc-rtd-discriminator")
        {
            // The second of two stages.
            Train("sdkdoc-rtd-generator", "first", changes);
            string from = Path.Combine(_folder, "first", "seed-0", "model");
            changes = [$"model.from={from}", $"tokenizer.from={from}"];
        }
        IReadOnlyList<RecipeOutcome> outcomes = Train(name, "run", changes);
        Assert.All(outcomes, outcome => Assert.True(double.IsFinite(outcome.Training.State.LastLoss)));
        Assert.True(File.Exists(Path.Combine(outcomes[0].Folder, "model.safetensors")));
    }

    private IReadOnlyList<RecipeOutcome> Train(string name, string folder, string[] changes)
    {
        string text = Path.Combine(_folder, "corpus.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 120).Select(i => i % 6 == 5 ? "" : $"The {Word(i)} reads the {Word(3 * i + 1)} of a {Word(7 * i + 2)}. It gives the {Word(5 * i)} back."));
        // So few sentences have few tokens, which clusters must fit.
        string[] clusters = name.Contains("transfo-xl", StringComparison.Ordinal) ? ["model.config.cutoffs=[50, 100]"] : [];
        RecipeFields recipe = RecipeFile.Load(Path.Combine(Folder, name + ".yaml"),
        [
            .. clusters, .. changes, .. name == "sdkdoc-rtd-discriminator" ? (string[])[] : ["tokenizer.vocabulary=300"],
            $"data.text={text}", "data.validation_share=0", "training.steps=2", "training.batch=2", "training.evaluate_every=0",
        ]);
        return RecipeRunner.Run(recipe, Path.Combine(_folder, folder), _ => [], TestContext.Current.CancellationToken);
    }

    private static string Word(int i) => ((string[])["stream", "reader", "buffer", "token", "writer", "value", "header", "file", "segment"])[i % 9];
}
