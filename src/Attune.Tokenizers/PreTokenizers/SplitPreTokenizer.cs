using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splits at everything a pattern finds.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="behavior">What becomes of matches.</param>
/// <param name="invert">Whether what lies between matches counts as the match.</param>
internal sealed class SplitPreTokenizer(PatternField pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public static SplitPreTokenizer Read(JsonFields fields) =>
        new(fields.ReadPattern("pattern"), fields.ReadBehavior("behavior"), fields.Bool("invert", false));

    public void PreTokenize(PreTokenizedText text)
    {
        var matches = text.Matches;
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            pattern.Pattern.FindAll(chars, matches, invert);
            behavior.Apply(matches);
            foreach (var match in matches) cutter.Keep(match.Start, match.End);
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        pattern.Write(writer, "pattern");
        writer.WriteString("behavior", behavior.ToString());
        writer.WriteBoolean("invert", invert);
        writer.WriteEndObject();
    }
}
