using System.CommandLine;
using Attune.Tensors;

namespace Attune.Cli.Shell;

/// <summary>The options of a training that most runs set; the rest is there through <c>--set</c>.</summary>
internal sealed class TrainingOptions
{
    private readonly Option<long?> steps = NumberOption.MakeOptional("--steps", "The number of updates. Default: what --epochs makes.", "count", 1L, long.MaxValue);
    private readonly Option<double?> epochs = NumberOption.MakeOptional("--epochs", "How often everything is read.", "number", 0.001, 1e6);
    private readonly Option<int?> batch = NumberOption.MakeOptional("--batch", "The examples of an update.", "count", 1, 1_000_000);
    private readonly Option<double?> rate = NumberOption.MakeOptional("--rate", "The highest learning rate.", "number", 0.0, 100.0);
    private readonly Option<int?> length = NumberOption.MakeOptional("--length", "The most tokens of an example.", "count", 3, 1_000_000);
    private readonly Option<long?> evaluateEvery = NumberOption.MakeOptional("--evaluate-every", "Evaluate after so many updates; always at the end.", "count", 1L, long.MaxValue);

    private readonly PrecisionOption precision = new(
        "The arithmetic of products with weights; weights and optimizer stay float32.", [.. new[] { Precision.Float32, Precision.BFloat16 }.Select(Precisions.NameOf)]);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[steps, epochs, batch, rate, length, evaluateEvery])
            verb.Add(option);
        verb.Add(precision.Option);
    }

    /// <summary>Puts what was given into a recipe.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="lengthKey">The key of the length: running text and labelled text differ.</param>
    public void Fill(Invocation invocation, RecipeSettings recipe, string lengthKey)
    {
        recipe.Number("training.steps", invocation.Get(steps));
        recipe.Number("training.epochs", invocation.Get(epochs));
        recipe.Number("training.batch", invocation.Get(batch));
        recipe.Number("training.rate", invocation.Get(rate));
        recipe.Number("training.evaluate_every", invocation.Get(evaluateEvery));
        recipe.Number(lengthKey, invocation.Get(length));
        recipe.Text("training.precision", precision.Read(invocation) is { } chosen ? Precisions.NameOf(chosen) : null);
    }
}
