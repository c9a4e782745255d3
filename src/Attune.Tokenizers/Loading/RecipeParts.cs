using System.Text.Json.Nodes;
using Attune.Tokenizers.PostProcessors;

namespace Attune.Tokenizers.Loading;

/// <summary>What the recipes of several families share.</summary>
internal static class RecipeParts
{
    /// <summary>The token with a role, or its usual name.</summary>
    public static string Role(this TokenizerSettings settings, string role, string usual) => settings.Roles.GetValueOrDefault(role, usual);

    /// <summary>A switch of <c>tokenizer_config.json</c>.</summary>
    public static bool? Switch(this TokenizerSettings settings, string name) =>
        settings.Config.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.TryGetValue<bool>(out var on) ? on : null;

    /// <summary>Special tokens without a role that <c>tokenizer_config.json</c> lists.</summary>
    public static IEnumerable<string> ExtraSpecialTokens(this TokenizerSettings settings)
    {
        foreach (var name in (ReadOnlySpan<string>)["extra_special_tokens", "additional_special_tokens"])
        {
            if (settings.Config.TryGetPropertyValue(name, out var node) && node is JsonArray tokens)
                return tokens.OfType<JsonValue>().Select(t => t.TryGetValue<string>(out var token) ? token : "").Where(t => t.Length > 0);
        }

        return [];
    }

    /// <summary>Special tokens that the vocabulary has, each once, in ascending order of ids.</summary>
    /// <param name="find">Gives a token's id, or -1.</param>
    /// <param name="takesSpace">The token that takes the white space before it, if any.</param>
    /// <param name="names">The tokens.</param>
    public static List<AddedToken> SpecialTokens(Func<string, int> find, string? takesSpace, params IEnumerable<string> names) =>
        [.. names.Distinct().Where(name => find(name) >= 0).Select(name => new AddedToken(find(name), name) { Special = true, LeftStrip = name == takesSpace }).OrderBy(t => t.Id)];

    /// <summary>A post-processor from templates: tokens by name, sequences as <c>$A</c> and <c>$B</c>, each with its segment.</summary>
    public static TemplateProcessing Template(Func<string, int> find, (string Part, int TypeId)[] single, (string Part, int TypeId)[] pair)
    {
        var tokens = single.Concat(pair).Select(p => p.Part).Where(p => p is not ("$A" or "$B")).Distinct()
            .ToDictionary(p => p, p => new TemplateToken(p, [find(p)], [p]));
        return new TemplateProcessing(Parts(single), Parts(pair), tokens);

        static TemplatePart[] Parts((string Part, int TypeId)[] parts) =>
            [.. parts.Select(p => new TemplatePart(p.Part == "$B" ? 1 : 0, p.Part is "$A" or "$B" ? null : p.Part, p.TypeId))];
    }
}
