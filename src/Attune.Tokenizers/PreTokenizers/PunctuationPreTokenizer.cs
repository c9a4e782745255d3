using System.Text.Json;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splits at punctuation.</summary>
internal sealed class PunctuationPreTokenizer(SplitBehavior behavior) : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text) => CharacterSplit.Apply(text, CharacterClasses.Punctuation.Contains, behavior);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Punctuation");
        writer.WriteString("behavior", behavior.ToString());
        writer.WriteEndObject();
    }
}
