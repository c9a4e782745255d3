using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Attune.Formats;

/// <summary>How much JSON is accepted from a file: limits on size and nesting, no duplicate names.</summary>
public static class JsonLimits
{
    /// <summary>The deepest nesting accepted.</summary>
    public const int MaxDepth = 64;

    /// <summary>The largest config or index file accepted, in bytes.</summary>
    public const int MaxConfigBytes = 64 << 20;

    internal static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Parses an object (UTF-8, with or without byte-order mark).</summary>
    /// <exception cref="AttuneFormatException">Not valid JSON or text, too deep, a name given twice, or not an object.</exception>
    internal static JsonObject ParseObject(ReadOnlySpan<byte> utf8, string path) => Parse(utf8, path) is var node && node is JsonObject fields
        ? fields
        : throw new AttuneFormatException(path, "JSON", Describe(node), "an object ({...})");

    /// <summary>Parses an array (UTF-8, with or without byte-order mark).</summary>
    /// <exception cref="AttuneFormatException">Not valid JSON or text, too deep, a name given twice, or not an array.</exception>
    internal static JsonArray ParseArray(ReadOnlySpan<byte> utf8, string path) => Parse(utf8, path) is var node && node is JsonArray items
        ? items
        : throw new AttuneFormatException(path, "JSON", Describe(node), "an array ([...])");

    private static JsonNode? Parse(ReadOnlySpan<byte> utf8, string path)
    {
        ReadOnlySpan<byte> text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(text)) throw new AttuneFormatException(path, "JSON", "bytes that are not UTF-8", "UTF-8 text");
        try
        {
            JsonNode? node = JsonNode.Parse(text, null, Options);
            Materialize(node);
            return node;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new AttuneFormatException(JsonFault.Describe(e), path, e);
        }
    }

    /// <summary>Names what a node is, short enough for a message.</summary>
    internal static string Describe(JsonNode? node)
    {
        switch (node)
        {
            case null: return "null";
            case JsonObject: return "an object";
            case JsonArray array: return $"an array of {array.Count}";
            default:
                string text = node.ToJsonString();
                return text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "...");
        }
    }

    // Nodes are parsed lazily and an escaped half of a surrogate pair is found only then: touch all of them here, once.
    private static void Materialize(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach ((_, JsonNode? value) in fields) Materialize(value);
                break;
            case JsonArray items:
                foreach (JsonNode? item in items) Materialize(item);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }
}
