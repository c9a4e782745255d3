using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>A special token as BERT's and RoBERTa's processors name it: <c>["[SEP]", 102]</c>.</summary>
internal sealed record NamedToken(string Token, int Id)
{
    /// <summary>Reads the field.</summary>
    public static NamedToken Read(JsonFields fields, string name)
    {
        if (fields.Raw(name) is JsonArray { Count: 2 } pair && pair[0] is JsonValue token && pair[1] is JsonValue id
            && token.TryGetValue<string>(out var text) && id.TryGetValue<int>(out var number) && number >= 0)
            return new NamedToken(text, number);
        throw fields.Error(name, "a token and its id, such as [\"[SEP]\", 102]");
    }

    /// <summary>The token by itself.</summary>
    public EncodingDraft ToDraft(int typeId) => new(EncodingColumns.Marks([Id], [Token], typeId, attention: true));

    /// <summary>Writes the field.</summary>
    public void Write(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray(name);
        writer.WriteStringValue(Token);
        writer.WriteNumberValue(Id);
        writer.WriteEndArray();
    }
}
