using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Decoders;

/// <summary>Takes a character off the ends of every token.</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many at most at the beginning.</param>
/// <param name="stop">How many at most at the end.</param>
internal sealed class StripDecoder(Rune content, int start, int stop) : IDecoder
{
    private readonly string _content = content.ToString();

    public static StripDecoder Read(JsonFields fields) => new(fields.ReadRune("content"), Count(fields, "start"), Count(fields, "stop"));

    public void Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i].AsSpan();
            for (var n = 0; n < start && token.StartsWith(_content); n++) token = token[_content.Length..];
            for (var n = 0; n < stop && token.EndsWith(_content); n++) token = token[..^_content.Length];
            if (token.Length < tokens[i].Length) tokens[i] = token.ToString();
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Strip");
        writer.WriteString("content", _content);
        writer.WriteNumber("start", start);
        writer.WriteNumber("stop", stop);
        writer.WriteEndObject();
    }

    private static int Count(JsonFields fields, string name) => fields.Int(name, 0) is >= 0 and var count ? count : throw fields.Error(name, "a count of at least 0");
}
