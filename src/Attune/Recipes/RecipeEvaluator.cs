using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tokenizers;
using Attune.Training;
using Attune.Training.Batches;

namespace Attune.Recipes;

/// <summary>What a model was measured by, and what came of it.</summary>
/// <param name="Learnable">The objective or task.</param>
/// <param name="Data">The file that was read, and the columns of a table.</param>
/// <param name="Result">The figures.</param>
public sealed record RecipeEvaluation(string Learnable, string Data, EvaluationResult Result);

/// <summary>Measures models on the data of recipes.</summary>
public static class RecipeEvaluator
{
    /// <summary>
    /// Measures a model on what a recipe holds out to check with, or on all of its data if nothing is held out. Without an
    /// <c>objective</c> or <c>task</c> in the recipe, it is measured on what the model's own head was made for.
    /// </summary>
    /// <param name="folder">The model folder, with its tokenizer.</param>
    /// <param name="recipe">The recipe; of it <c>data</c>, <c>objective</c>, <c>task</c> and <c>evaluation</c> are read.</param>
    /// <param name="progress">Told how far it has come, on the calling thread.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="RecipeException">A key is unknown or its value is wrong.</exception>
    /// <exception cref="AttuneFormatException">A file is missing or faulty, or the model lacks the head.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RecipeEvaluation Run(
        string folder, RecipeFields recipe, IProgress<EvaluatedBatches>? progress = null, CancellationToken cancellation = default)
    {
        RecipeFields? fields = recipe.ChildOrNull("evaluation");
        int batch = fields?.Count("batch", 32) ?? 32;
        ulong seed = (ulong)(fields?.Whole("seed", 0, 0) ?? 0);
        Precision precision = fields?.ReadPrecision(Precisions.All) ?? Precision.Float32;
        return On(folder, recipe, (model, learnable, examples) => new RecipeEvaluation(learnable.Name, examples.Source, Evaluation.Run(
            model, learnable, new EvaluationBatches(learnable, examples.Measured, batch, seed), new Tape { FixedWeights = true, Precision = precision }, progress, cancellation)));
    }

    /// <summary>Opens a model and the data of a recipe, and finds out what the model is measured by.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="recipe">The recipe; all of it must have been read but <c>data</c>, <c>objective</c> and <c>task</c>.</param>
    /// <param name="use">Gets the model with its head, what it is measured by, and the examples.</param>
    internal static T On<T>(string folder, RecipeFields recipe, Func<Model, ILearnable, RecipeExamples, T> use)
    {
        (JsonFields config, var family) = ModelFolder.ReadConfig(folder, Catalog.Backbones.All);
        Tokenizer tokenizer = Tokenizer.LoadFolder(folder);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("attune-evaluation-");
        try
        {
            int? longest = family.Declare(config, []).Backbone.MaxLength;
            RecipeData data = RecipeData.Open(recipe);
            ILearnable Learnable(IReadOnlyList<string> labels) => RecipeLearnable.Find(recipe, tokenizer, labels)
                ?? RecipeLearnable.OfHead(ModelFolder.HeadsOf(config, family), tokenizer, labels)
                ?? throw new AttuneFormatException("the model has no head to be measured by. Say what to measure with an objective or a task.", folder);
            // What is wrong in the recipe is found before the data are read.
            ILearnable sample = Learnable(data.SampleLabels);
            recipe.Finish();
            RecipeExamples examples = data.Examples(tokenizer, scratch.FullName, sample, Labels(config), longest);
            ILearnable learnable = Learnable(examples.Labels);
            Model model = ModelFolder.Load(folder, Catalog.Backbones.All, new LoadOptions { Heads = learnable.Heads }).Model;
            return use(model, learnable, examples);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>The model's names of classes; null if it has none but the numbered ones that stand in for names.</summary>
    private static IReadOnlyList<string>? Labels(JsonFields config) =>
        ModelFolder.LabelNames(config) is { } names && names.Where((name, id) => name != FormattableString.Invariant($"LABEL_{id}")).Any() ? names : null;
}
