using System.Text.Json.Nodes;

namespace Attune.Tokenizers;

/// <summary>What a tokenizer's files say besides the pipeline.</summary>
internal sealed record TokenizerSettings
{
    /// <summary>The truncation of <c>tokenizer.json</c>.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>The padding of <c>tokenizer.json</c>.</summary>
    public Padding? Padding { get; init; }

    /// <summary>The content of <c>tokenizer_config.json</c>; written back as it was read.</summary>
    public JsonObject Config { get; init; } = [];

    /// <summary>Special tokens by their role (<c>mask_token</c>, ...), as the files name them.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest text the model takes.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>The side on which padding goes.</summary>
    public SequenceSide PaddingSide { get; init; }
}
