using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>What a recipe trains or measures: its <c>objective</c> or its <c>task</c>.</summary>
internal static class RecipeLearnable
{
    /// <summary>The objective or task that the recipe names; null if it names none.</summary>
    public static ILearnable? Find(RecipeFields recipe, Tokenizer tokenizer, IReadOnlyList<string> labels)
    {
        RecipeFields? objective = recipe.ChildOrNull("objective");
        RecipeFields? task = recipe.ChildOrNull("task");
        return (objective, task) switch
        {
            (null, null) => null,
            (not null, null) => Catalog.Objectives.Get(objective.Text("name")).Make(new LearnableContext(tokenizer, labels, objective)),
            (null, not null) => Catalog.Tasks.Get(task.Text("name")).Make(new LearnableContext(tokenizer, labels, task)),
            _ => throw OneOf(recipe),
        };
    }

    /// <summary>The objective or task that the recipe must name.</summary>
    public static ILearnable Make(RecipeFields recipe, Tokenizer tokenizer, IReadOnlyList<string> labels) =>
        Find(recipe, tokenizer, labels) ?? throw OneOf(recipe);

    /// <summary>The objective or task of the same name as one of a model's heads; null if there is none.</summary>
    public static ILearnable? OfHead(IReadOnlyList<HeadRequest> heads, Tokenizer tokenizer, IReadOnlyList<string> labels)
    {
        var context = new LearnableContext(tokenizer, labels);
        foreach (HeadRequest head in heads)
        {
            if (Catalog.Objectives.Find(head.Kind.Name) is { } objective)
                return objective.Make(context);
            if (Catalog.Tasks.Find(head.Kind.Name) is { } task)
                return task.Make(context);
        }
        return null;
    }

    private static RecipeException OneOf(RecipeFields recipe) =>
        new($"{recipe.File}: a recipe has either an 'objective' (pre-training) or a 'task' (fine-tuning).");
}
