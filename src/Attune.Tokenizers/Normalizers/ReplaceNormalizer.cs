using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Puts a text in the place of everything a pattern finds.</summary>
internal sealed class ReplaceNormalizer(PatternField pattern, string content) : INormalizer
{
    /// <summary>Whether what is found never holds a space, so that texts may be cut at spaces first.</summary>
    public bool IsLocalToWords => pattern is { IsRegex: false, Source.Length: > 0 } && !pattern.Source.Contains(' ');

    public static ReplaceNormalizer Read(JsonFields fields) => new(fields.ReadPattern("pattern"), fields.String("content"));

    public void Normalize(NormalizedText text)
    {
        if (pattern is { IsRegex: false, Source.Length: > 0 } && text.Chars.IndexOf(pattern.Source) < 0) return;
        var matches = new List<PatternMatch>();
        pattern.Pattern.FindAll(text.Chars, matches);
        var editor = text.Edit();
        foreach (var match in matches)
        {
            if (!match.IsDelimiter)
            {
                editor.Keep(match.End - match.Start);
                continue;
            }

            editor.RemoveUnits(match.End - match.Start);
            editor.Insert(content);
        }

        text.CommitEdit();
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
