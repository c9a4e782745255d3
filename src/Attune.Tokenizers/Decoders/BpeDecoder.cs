using System.Text.Json;

namespace Attune.Tokenizers.Decoders;

/// <summary>Turns the mark at the end of words into a space, except at the text's end.</summary>
internal sealed class BpeDecoder(string suffix) : IDecoder
{
    public void Decode(List<string> tokens)
    {
        if (suffix.Length == 0) return;
        for (var i = 0; i < tokens.Count; i++) tokens[i] = tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BPEDecoder");
        writer.WriteString("suffix", suffix);
        writer.WriteEndObject();
    }
}
