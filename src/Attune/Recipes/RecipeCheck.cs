using Attune.Nn.Contracts;
using Attune.Tokenizers;
using Attune.Training;
using Attune.Training.Policies;

namespace Attune.Recipes;

/// <summary>
/// Puts everything together that a recipe names, before a tokenizer is trained or data are read: with a small tokenizer of the same kind,
/// a model without values, and no examples. So whatever is wrong in the recipe itself is found at once.
/// </summary>
internal static class RecipeCheck
{
    /// <returns>The objective or task, as it is before the data are known.</returns>
    /// <exception cref="RecipeException">A key is unknown or its value is wrong.</exception>
    /// <exception cref="CatalogException">A name is not known.</exception>
    /// <exception cref="ArgumentException">A value is out of range, or the model cannot be trained on this.</exception>
    public static ILearnable Run(RecipeFields recipe, RecipeData data, RecipeTokenizer tokenizerOf, ulong seed, string folder)
    {
        (Tokenizer tokenizer, int vocabularySize) = tokenizerOf.Sample();
        ILearnable learnable = RecipeLearnable.Make(recipe, tokenizer, data.SampleLabels);
        Model model = RecipeModel.Declare(recipe, learnable, tokenizer, vocabularySize, data.SampleLabels);
        var training = new RecipeTraining(recipe, null, seed);
        training.Policy()?.Trained(model);
        training.Evaluation(learnable, null);
        _ = new Trainer(
            model, learnable, training.Batches(learnable, []), training.Optimizer(model),
            training.Schedule(model.Backbone.Width), training.Options(folder, data.AcceptsChanges));
        recipe.Finish();
        return learnable;
    }
}
