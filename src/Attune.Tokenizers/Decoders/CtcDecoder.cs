using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.Decoders;

/// <summary>Reads the output of connectionist temporal classification: repeated tokens count once, padding parts them.</summary>
/// <param name="padToken">Parts equal tokens, and vanishes.</param>
/// <param name="wordDelimiter">Stands for a space.</param>
/// <param name="cleanup">Whether spaces before punctuation are taken out and delimiters become spaces.</param>
internal sealed class CtcDecoder(string padToken, string wordDelimiter, bool cleanup) : IDecoder
{
    public static CtcDecoder Read(JsonFields fields) =>
        new(fields.String("pad_token", "<pad>"), fields.String("word_delimiter_token", "|"), fields.Bool("cleanup", true));

    public void Decode(List<string> tokens)
    {
        string? previous = null;
        var count = 0;
        foreach (var token in tokens.ToArray())
        {
            if (token == previous) continue;
            previous = token;
            var text = Replace(token, padToken, "");
            if (cleanup) text = Replace(WordPieceDecoder.CleanUp(text), wordDelimiter, " ");
            if (text.Length > 0) tokens[count++] = text;
        }

        tokens.RemoveRange(count, tokens.Count - count);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "CTC");
        writer.WriteString("pad_token", padToken);
        writer.WriteString("word_delimiter_token", wordDelimiter);
        writer.WriteBoolean("cleanup", cleanup);
        writer.WriteEndObject();
    }

    private static string Replace(string text, string found, string becomes) =>
        found.Length == 0 ? text : text.Replace(found, becomes, StringComparison.Ordinal);
}
