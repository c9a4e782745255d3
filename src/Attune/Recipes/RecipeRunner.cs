using System.Globalization;
using Attune.Backbones.Folders;
using Attune.Nn.Contracts;
using Attune.Tokenizers;
using Attune.Training;
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
        IReadOnlyList<double> seeds = recipe.NumbersOrNull("seeds") ?? [recipe.Whole("seed", 0, 0)];
        List<RecipeOutcome> outcomes = [];
        foreach (double seed in seeds)
            outcomes.Add(RunSeed(recipe, name, folder, (ulong)seed, observers, cancellation));
        return outcomes;
    }

    private static RecipeOutcome RunSeed(
        RecipeFields recipe, string name, string folder, ulong seed,
        Func<string, IReadOnlyList<ITrainingObserver>> observers, CancellationToken cancellation)
    {
        string seedFolder = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
        RecipeData data = RecipeData.Open(recipe);
        Tokenizer tokenizer = RecipeTokenizer.Make(recipe, data, folder);
        RecipeExamples examples = data.Examples(tokenizer, folder);
        ILearnable learnable = RecipeLearnable.Make(recipe, tokenizer, examples.Labels);
        (Model model, var family) = RecipeModel.Make(recipe, learnable, tokenizer, examples.Labels, seed);
        var training = new RecipeTraining(recipe, examples, seed);
        training.Freeze(model);
        var evaluations = new EvaluationLog();
        string title = string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}");
        var trainer = new Trainer(
            model, learnable, training.Batches(learnable, examples.Train, RecipeOrigins.Of(recipe, data, tokenizer)), training.Optimizer(model),
            training.Schedule(model.Backbone.Width), training.Options(seedFolder, data.AcceptsChanges))
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
        recipe.Finish();

        TrainingResult result = trainer.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        string modelFolder = Path.Combine(seedFolder, "model");
        ModelFolder.Save(model, family, modelFolder);
        tokenizer.Save(modelFolder);
        return new RecipeOutcome(seed, modelFolder, result, evaluations.All);
    }

    private sealed class EvaluationLog : ITrainingObserver
    {
        private readonly List<(long, EvaluationResult)> _all = [];

        public IReadOnlyList<(long Step, EvaluationResult Result)> All => _all;

        public void Evaluated(long step, EvaluationResult result, bool best) => _all.Add((step, result));
    }
}
