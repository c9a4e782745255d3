using System.Globalization;
using Attune.Backbones.Folders;
using Attune.Nn.Contracts;
using Attune.Tokenizers;
using Attune.Training;
using Attune.Training.Policies;
using Attune.Training.Tracking;

namespace Attune.Recipes;

/// <summary>What one seed of a recipe ended with.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Folder">Where its model is.</param>
/// <param name="Training">How the training ended.</param>
/// <param name="Evaluations">Every evaluation on the way, by step.</param>
public sealed record RecipeOutcome(
    ulong Seed, string Folder, TrainingResult Training, IReadOnlyList<(long Step, EvaluationResult Result)> Evaluations);

/// <summary>Runs recipes: a tokenizer, data, a model, something to learn, a training, all named in one file.</summary>
public static class RecipeRunner
{
    /// <summary>The database of run records below a run's folder.</summary>
    public const string RecordsName = "runs.db";

    /// <summary>Runs a recipe once for each of its seeds, or goes on where an earlier call was cut off.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">Where everything goes; null takes the recipe's own <c>out</c>.</param>
    /// <param name="observers">Gives the observers of each seed's training.</param>
    /// <param name="cancellation">Ends the run at the next safe point; it can be continued.</param>
    /// <exception cref="RecipeException">A key is unknown or its value is wrong.</exception>
    /// <exception cref="CatalogException">A name is not known.</exception>
    /// <exception cref="Formats.AttuneFormatException">A file is missing or faulty.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<RecipeOutcome> Run(
        RecipeFields recipe, string? folder, Func<string, IReadOnlyList<ITrainingObserver>> observers, CancellationToken cancellation = default)
    {
        string name = recipe.Text("name", Path.GetFileNameWithoutExtension(recipe.File));
        string own = recipe.PathOrNull("out") ?? Path.Combine("runs", name);
        folder ??= own;
        if (File.Exists(folder))
            throw new RecipeException($"{folder}: found a file, expected a folder for models, checkpoints and records. Name another one.");
        IReadOnlyList<ulong> seeds = Seeds(recipe);
        RecipeData data = RecipeData.Open(recipe);
        var tokenizerOf = new RecipeTokenizer(recipe, data);
        ILearnable sample = RecipeCheck.Run(recipe, data, tokenizerOf, seeds[0], folder);

        var origins = new RecipeOrigins();
        Tokenizer tokenizer = tokenizerOf.Make(data as RecipeText, data.AcceptsChanges, origins, folder);
        RecipeExamples examples = data.Examples(tokenizer, folder, sample);
        var source = new Source(recipe, name, folder, tokenizer, examples, origins.All(recipe, data, tokenizer), data.AcceptsChanges);
        List<RecipeOutcome> outcomes = [];
        foreach (ulong seed in seeds)
            outcomes.Add(RunSeed(source, seed, observers, cancellation));
        return outcomes;
    }

    private static IReadOnlyList<ulong> Seeds(RecipeFields recipe)
    {
        if (recipe.NumbersOrNull("seeds") is not { } seeds)
            return [(ulong)recipe.Whole("seed", 0, 0)];
        return seeds.Count > 0 && seeds.All(seed => seed >= 0 && seed == Math.Floor(seed) && seed < 1L << 53)
            ? [.. seeds.Select(seed => (ulong)seed)]
            : throw recipe.Wrong("seeds", $"[{string.Join(", ", seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture)))}]", "whole numbers of at least 0");
    }

    private static RecipeOutcome RunSeed(
        Source source, ulong seed, Func<string, IReadOnlyList<ITrainingObserver>> observers, CancellationToken cancellation)
    {
        (RecipeFields recipe, string name, string folder, Tokenizer tokenizer, RecipeExamples examples, _, _) = source;
        string seedFolder = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
        ILearnable learnable = RecipeLearnable.Make(recipe, tokenizer, examples.Labels);
        (Model model, var family) = RecipeModel.Make(recipe, learnable, tokenizer, examples.Labels, seed);
        var training = new RecipeTraining(recipe, examples.Train, seed);
        training.Policy()?.Apply(model);
        var evaluations = new EvaluationLog();
        string title = string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}");
        var trainer = new Trainer(
            model, learnable, training.Batches(learnable, source.Origins), training.Optimizer(model),
            training.Schedule(model.Backbone.Width), training.Options(seedFolder, source.AcceptsChanges))
        {
            Evaluation = training.Evaluation(learnable, examples.Validation),
            Observers =
            [
                evaluations,
                new RunRecorder(new RunStore(Path.Combine(folder, RecordsName)), string.Create(CultureInfo.InvariantCulture, $"{name}-{seed}"), learnable.Name, recipe.Source),
                new TensorBoardLog(Path.Combine(seedFolder, "events")),
                .. observers(title),
            ],
        };

        TrainingResult result = trainer.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        string modelFolder = Path.Combine(seedFolder, "model");
        ModelFolder.Save(model, family, modelFolder);
        tokenizer.Save(modelFolder);
        return new RecipeOutcome(seed, modelFolder, result, evaluations.All);
    }

    /// <summary>What all seeds of a recipe have in common.</summary>
    private sealed record Source(
        RecipeFields Recipe, string Name, string Folder, Tokenizer Tokenizer, RecipeExamples Examples, IReadOnlyList<Setting> Origins, bool AcceptsChanges);

    private sealed class EvaluationLog : ITrainingObserver
    {
        private readonly List<(long, EvaluationResult)> _all = [];

        public IReadOnlyList<(long Step, EvaluationResult Result)> All => _all;

        public void Evaluated(long step, EvaluationResult result, bool best) => _all.Add((step, result));
    }
}
