using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Tokenizers.Loading;

/// <summary>Reads what stands beside a <c>tokenizer.json</c>: <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>.</summary>
internal static class TokenizerConfig
{
    /// <summary>The file that describes how the tokenizer is used.</summary>
    public const string FileName = "tokenizer_config.json";

    private const string MapName = "special_tokens_map.json";

    private static readonly string[] RoleNames = ["mask_token", "pad_token", "unk_token", "cls_token", "sep_token", "bos_token", "eos_token"];

    /// <summary>Reads the files of a folder; those that are missing say nothing.</summary>
    /// <exception cref="AttuneFormatException">A file is there and malformed.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var config = Load(Path.Combine(folder, FileName));
        var map = Load(Path.Combine(folder, MapName));
        var roles = new Dictionary<string, string>();
        foreach (var role in RoleNames)
        {
            if (map is not null && Content(map, role) is { } mapped) roles[role] = mapped;
            if (config is not null && Content(config, role) is { } configured) roles[role] = configured;
        }

        return new TokenizerSettings
        {
            Config = config?.Node ?? [],
            Roles = roles,
            ModelMaxLength = config is null ? null : MaxLength(config),
            PaddingSide = config?.StringOrNull("padding_side") == "left" ? SequenceSide.Left : SequenceSide.Right,
        };
    }

    private static JsonFields? Load(string path) => File.Exists(path) ? JsonFields.Load(path) : null;

    // A token is written as a string or as an object with its content and how it is found.
    private static string? Content(JsonFields fields, string role) => fields.Raw(role) switch
    {
        null => null,
        JsonObject => fields.Child(role).String("content"),
        _ => fields.String(role),
    };

    // "No limit" is written as a number of thirty digits.
    private static int? MaxLength(JsonFields config) =>
        config.Raw("model_max_length") is JsonValue value && value.GetValueKind() == JsonValueKind.Number && config.Float("model_max_length") is > 0 and <= int.MaxValue and var length ? (int)length : null;
}
