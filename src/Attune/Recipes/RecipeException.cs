namespace Attune.Recipes;

/// <summary>A recipe that cannot be read or run: the message names the file, the line, the key, what was found and what to do.</summary>
public sealed class RecipeException : Exception
{
    /// <summary>Makes an error about a recipe as a whole.</summary>
    public RecipeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
