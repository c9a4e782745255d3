using System.Text;
using System.Text.Json;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splits at one character, which vanishes.</summary>
internal sealed class CharDelimiterSplit(Rune delimiter) : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text) => CharacterSplit.Apply(text, c => c == delimiter.Value, SplitBehavior.Removed);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "CharDelimiterSplit");
        writer.WriteString("delimiter", delimiter.ToString());
        writer.WriteEndObject();
    }
}
