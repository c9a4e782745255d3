using System.Text.Json;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Sets numbers apart.</summary>
/// <param name="individual">Whether each digit is a piece of its own.</param>
internal sealed class DigitsPreTokenizer(bool individual) : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text) =>
        CharacterSplit.Apply(text, CharacterClasses.IsNumeric, individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Digits");
        writer.WriteBoolean("individual_digits", individual);
        writer.WriteEndObject();
    }
}
