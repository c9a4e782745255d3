using Attune.Tensors;

namespace Attune.Recipes;

/// <summary>The key <c>precision</c> of a recipe.</summary>
internal static class RecipePrecision
{
    /// <summary>The names of precisions that models can be trained in.</summary>
    public static IReadOnlyList<string> OfTraining { get; } = [Precisions.NameOf(Precision.Float32), Precisions.NameOf(Precision.BFloat16)];

    /// <summary>The precision that is asked for; float32 if none is.</summary>
    /// <param name="fields">What holds the key.</param>
    /// <param name="names">The precisions that are possible.</param>
    /// <exception cref="RecipeException">It is none of them.</exception>
    public static Precision ReadPrecision(this RecipeFields fields, IReadOnlyList<string> names)
    {
        string name = fields.Text("precision", names[0]);
        return names.Contains(name) ? Precisions.Parse(name) : throw fields.Wrong("precision", $"'{name}'", string.Join(" or ", names));
    }
}
