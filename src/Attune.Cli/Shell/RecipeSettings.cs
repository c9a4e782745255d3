using System.Globalization;
using Attune.Formats;
using Attune.Recipes;

namespace Attune.Cli.Shell;

/// <summary>A recipe put together from options: each becomes a setting of the file that could be written instead.</summary>
/// <param name="name">What the recipe is called in messages; its paths start in the current folder.</param>
internal sealed class RecipeSettings(string name)
{
    private readonly List<string> settings = [];

    /// <summary>Sets a text; null sets nothing.</summary>
    public void Text(string key, string? value)
    {
        // A JSON string is a YAML string that nothing in it can end.
        if (value is not null)
            settings.Add($"{key}={JsonText.Compact(System.Text.Json.Nodes.JsonValue.Create(value))}");
    }

    /// <summary>Sets a number; null sets nothing.</summary>
    public void Number<T>(string key, T? value)
        where T : struct, IFormattable
    {
        if (value is { } number)
            settings.Add($"{key}={number.ToString(null, CultureInfo.InvariantCulture)}");
    }

    /// <summary>The recipe.</summary>
    /// <param name="overrides">Settings as the user wrote them, which have the last word.</param>
    public RecipeFields Make(IEnumerable<string> overrides) => RecipeFile.Parse("{}", name, [.. settings, .. overrides]);
}
