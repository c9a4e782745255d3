using System.Diagnostics.CodeAnalysis;

namespace Attune.Hub;

/// <summary>The name of a model on a hub: <c>owner/name</c>, or a bare name for the few models that have no owner.</summary>
/// <remarks>It becomes part of addresses and of folder names, so nothing but letters, digits, dots, dashes and underscores is let through.</remarks>
public sealed record HubModelName
{
    private const int MaxPartLength = 96;

    private HubModelName(string text) => Text = text;

    /// <summary>The name as the hub writes it.</summary>
    public string Text { get; }

    /// <summary>Reads a name.</summary>
    /// <returns>Whether <paramref name="text"/> can be one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out HubModelName? name)
    {
        name = text?.Split('/') is { Length: 1 or 2 } parts && parts.All(IsPart) ? new HubModelName(text) : null;
        return name is not null;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot be a model's name.</exception>
    public static HubModelName Parse(string text) => TryParse(text, out HubModelName? name)
        ? name
        : throw new FormatException($"'{text}' is not the name of a model: write OWNER/NAME, as in sentence-transformers/all-MiniLM-L6-v2.");

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsPart(string part) =>
        part.Length is > 0 and <= MaxPartLength
        && char.IsAsciiLetterOrDigit(part[0])
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !part.Contains("..", StringComparison.Ordinal)
        && !part.EndsWith('.');
}
