using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>A part of a template: a sequence or a special token.</summary>
/// <param name="Sequence">0 for the first sequence, 1 for the second.</param>
/// <param name="TokenName">The special token's name; null for a sequence.</param>
/// <param name="TypeId">The segment of its tokens.</param>
internal sealed record TemplatePart(int Sequence, string? TokenName, int TypeId)
{
    /// <summary>Reads a template.</summary>
    public static TemplatePart[] ReadAll(JsonFields fields, string name, Dictionary<string, TemplateToken> tokens)
    {
        if (!fields.Has(name)) throw fields.Error(name, "a template");
        return [.. fields.Children(name).Select(part => Read(part, tokens))];
    }

    /// <summary>Writes a template.</summary>
    public static void WriteAll(Utf8JsonWriter writer, string name, TemplatePart[] parts)
    {
        writer.WriteStartArray(name);
        foreach (var part in parts)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(part.TokenName is null ? "Sequence" : "SpecialToken");
            writer.WriteString("id", part.TokenName ?? (part.Sequence == 0 ? "A" : "B"));
            writer.WriteNumber("type_id", part.TypeId);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static TemplatePart Read(JsonFields fields, Dictionary<string, TemplateToken> tokens)
    {
        if (fields.ChildOrNull("Sequence") is { } sequence)
        {
            return new TemplatePart(sequence.String("id") switch
            {
                "A" => 0,
                "B" => 1,
                _ => throw sequence.Error("id", "A or B"),
            }, null, sequence.Int("type_id"));
        }

        var token = fields.Child("SpecialToken");
        var name = token.String("id");
        return tokens.ContainsKey(name) ? new TemplatePart(0, name, token.Int("type_id")) : throw token.Error("id", "a token that 'special_tokens' lists");
    }
}

/// <summary>What a template's special token stands for.</summary>
internal sealed record TemplateToken(string Name, int[] Ids, string[] Tokens)
{
    /// <summary>Reads an entry of <c>special_tokens</c>.</summary>
    public static TemplateToken Read(JsonFields fields)
    {
        var token = new TemplateToken(fields.String("id"), [.. fields.IntArray("ids")], [.. fields.StringArray("tokens")]);
        if (token.Ids.Length != token.Tokens.Length) throw fields.Error("ids", "as many ids as tokens");
        return token;
    }

    /// <summary>Writes an entry of <c>special_tokens</c>.</summary>
    public void Write(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("id", Name);
        writer.WriteStartArray("ids");
        foreach (var id in Ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        foreach (var token in Tokens) writer.WriteStringValue(token);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
