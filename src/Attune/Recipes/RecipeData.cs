using Attune.Data.Rows;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>The examples of a recipe.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Validation">To check with; null if the recipe holds nothing out.</param>
/// <param name="Labels">The names of the classes; empty for unlabelled text.</param>
/// <param name="Source">Where they are read, as people are told: the file, and the columns of a table.</param>
internal sealed record RecipeExamples(IExampleSet Train, IExampleSet? Validation, IReadOnlyList<string> Labels, string Source)
{
    /// <summary>What a model is measured by: what is held out, or everything if nothing is.</summary>
    public IExampleSet Measured => Validation ?? Train;
}

/// <summary>
/// The <c>data</c> of a recipe: running text (<c>text</c>), or labelled text (<c>labelled</c>). Opening them reads all settings, so that a
/// wrong one is found before any data are read.
/// </summary>
internal abstract class RecipeData
{
    private protected RecipeData(RecipeFields fields) => AcceptsChanges = fields.Flag("accept_changes", false);

    /// <summary>Whether a run may go on although the data are not those it began with.</summary>
    public bool AcceptsChanges { get; }

    /// <summary>Names of classes for a recipe to be checked with before the data are read; empty where there are no classes.</summary>
    public abstract IReadOnlyList<string> SampleLabels { get; }

    public static RecipeData Open(RecipeFields recipe)
    {
        RecipeFields fields = recipe.Child("data");
        return fields.Has("text") ? new RecipeText(fields) : new RecipeLabelled(fields);
    }

    /// <summary>The examples.</summary>
    /// <param name="tokenizer">Makes tokens of the text.</param>
    /// <param name="runFolder">Where tokens of running text are kept.</param>
    /// <param name="learnable">What they are read for; its names of classes do not count.</param>
    /// <param name="labels">The classes where the recipe does not name them; null collects them from the data.</param>
    /// <param name="longest">The most tokens that the model takes, where that is known and the recipe says nothing.</param>
    public abstract RecipeExamples Examples(
        Tokenizer tokenizer, string runFolder, ILearnable learnable, IReadOnlyList<string>? labels = null, int? longest = null);

    private protected static int DefaultLength(int? longest) => Math.Min(128, longest ?? int.MaxValue);

    private protected static double HeldOutShare(RecipeFields fields) => fields.Number("validation_share", 0.1, 0, 0.9);
}
