using Attune.Nn.Contracts;
using Attune.Recipes;
using Attune.Tokenizers;

namespace Attune;

/// <summary>What an objective or task is made for.</summary>
/// <param name="Tokenizer">The tokenizer of the model.</param>
/// <param name="Labels">The names of the classes; empty where there are none.</param>
/// <param name="Settings">What the recipe says about it; null if nothing.</param>
public sealed record LearnableContext(ITokenizer Tokenizer, IReadOnlyList<string> Labels, RecipeFields? Settings = null)
{
    /// <summary>How many classes there are to tell apart.</summary>
    /// <exception cref="RecipeException">Fewer than two: a model would be right whatever it learned.</exception>
    internal int Classes => Labels.Count >= 2
        ? Labels.Count
        : throw new RecipeException($"The labelled data: found {(Labels is [var only] ? $"one class, '{only}'" : "no classes")}, expected at least two. "
            + "Name them all (data.labels) if this file holds only some, or choose another label column.");

    /// <summary>A number of the recipe.</summary>
    internal double Number(string key, double fallback, double minimum, double maximum) =>
        Settings?.Number(key, fallback, minimum, maximum) ?? fallback;

    /// <summary>A yes or no of the recipe.</summary>
    internal bool Flag(string key, bool fallback) => Settings?.Flag(key, fallback) ?? fallback;

    /// <summary>A whole number of the recipe.</summary>
    internal int Count(string key, int fallback) => Settings?.Count(key, fallback) ?? fallback;
}

/// <summary>An objective or task in the catalog.</summary>
/// <typeparam name="T">Which of both.</typeparam>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What it trains, in one line.</param>
/// <param name="Sample">An instance that says what it needs of a backbone; made for no tokenizer in particular.</param>
/// <param name="Make">Makes one to be trained.</param>
public sealed record LearnableEntry<T>(string Name, string Summary, T Sample, Func<LearnableContext, T> Make)
    where T : ILearnable;
