using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Attune.Formats;

namespace Attune.Tokenizers.Loading;

/// <summary>Parses a tokenizer's JSON files, whose vocabularies are too large for a tree of nodes.</summary>
internal static class JsonText
{
    // The check for names given twice is slow on large objects; vocabularies have their own, the rest gets it when it is copied.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = TokenizerFileLimits.MaxDepth };
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = TokenizerFileLimits.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Parses a document whose root is an object and whose strings are all well-formed.</summary>
    /// <exception cref="AttuneFormatException">The bytes are anything else.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string path)
    {
        var text = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(text.Span)) throw new AttuneFormatException(path, "JSON", "bytes that are not UTF-8", "UTF-8 text");
        try
        {
            CheckStrings(text.Span);
            var document = JsonDocument.Parse(text, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new AttuneFormatException(path, "JSON", "something else", "an object ({...})");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AttuneFormatException(JsonFault.Describe(e), path, e);
        }
    }

    /// <summary>Copies an object without some of its members.</summary>
    /// <exception cref="AttuneFormatException">A name is given twice.</exception>
    public static JsonObject CopyWithout(JsonElement element, string path, params ReadOnlySpan<string> left)
    {
        var copy = new JsonObject();
        var names = new HashSet<string>();
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new AttuneFormatException(path, $"field '{property.Name}'", "the name twice", "every name once");
            if (left.Contains(property.Name)) continue;
            try
            {
                copy[property.Name] = JsonNode.Parse(property.Value.GetRawText(), null, Strict);
            }
            catch (JsonException e)
            {
                throw new AttuneFormatException($"field '{property.Name}' {JsonFault.Describe(e)}", path, e);
            }
        }

        return copy;
    }

    // An escaped half of a surrogate pair shows only when a string is read; read those with escapes here, once.
    private static void CheckStrings(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = TokenizerFileLimits.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) _ = reader.GetString();
        }
    }
}
