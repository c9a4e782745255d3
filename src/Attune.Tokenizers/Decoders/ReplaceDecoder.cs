using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Decoders;

/// <summary>Puts a text in the place of everything a pattern finds, token by token.</summary>
internal sealed class ReplaceDecoder(PatternField pattern, string content) : IDecoder
{
    public static ReplaceDecoder Read(JsonFields fields) => new(fields.ReadPattern("pattern"), fields.String("content"));

    public void Decode(List<string> tokens)
    {
        var matches = new List<PatternMatch>();
        var builder = new StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            pattern.Pattern.FindAll(tokens[i], matches);
            if (!matches.Exists(m => m.IsDelimiter)) continue;
            builder.Clear();
            foreach (var match in matches)
            {
                if (match.IsDelimiter) builder.Append(content);
                else builder.Append(tokens[i], match.Start, match.End - match.Start);
            }

            tokens[i] = builder.ToString();
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Replace");
        pattern.Write(writer, "pattern");
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }
}
