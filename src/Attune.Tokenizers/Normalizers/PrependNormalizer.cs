using System.Text.Json;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Puts something before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    /// <summary>What is put before texts.</summary>
    public string Prefix => prefix;

    public void Normalize(NormalizedText text)
    {
        if (text.Length == 0) return;
        var editor = text.Edit();
        editor.Prepend(prefix);
        editor.Keep(text.Length);
        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Prepend");
        writer.WriteString("prepend", prefix);
        writer.WriteEndObject();
    }
}
