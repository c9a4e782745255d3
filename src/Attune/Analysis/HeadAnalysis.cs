using Attune.Data.Rows;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Recipes;

namespace Attune.Analysis;

/// <summary>Measures the heads of models on the data of recipes.</summary>
public static class HeadAnalysis
{
    /// <summary>
    /// How much each head matters for a model on what a recipe holds out to check with, or on all of its data if nothing is held out.
    /// </summary>
    /// <param name="folder">The model folder, with its tokenizer.</param>
    /// <param name="recipe">The recipe; of it <c>data</c>, <c>objective</c> and <c>task</c> are read.</param>
    /// <param name="most">The most examples to look at.</param>
    /// <param name="seed">The seed of what is random in the loss.</param>
    /// <param name="cancellation">Looked at between examples.</param>
    /// <returns>The importance of the heads, and the model with the head it was measured by.</returns>
    /// <exception cref="RecipeException">A key is unknown or its value is wrong.</exception>
    /// <exception cref="AttuneFormatException">A file is missing or faulty, or the model lacks the head.</exception>
    /// <exception cref="ArgumentException">There are no examples, or the model has blocks without self-attention.</exception>
    public static (HeadImportance Importance, Model Model) Measure(
        string folder, RecipeFields recipe, long most, ulong seed = 0, CancellationToken cancellation = default) =>
        RecipeEvaluator.On(folder, recipe, (model, learnable, examples) =>
            (HeadImportance.Measure(model, learnable, All(examples.Measured, most), seed, cancellation), model));

    private static IEnumerable<Example> All(IExampleSet examples, long most)
    {
        for (long i = 0; i < Math.Min(most, examples.Count); i++)
            yield return examples.Get(i);
    }
}
