using System.Text.Json;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Drops white space at the ends of a text.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public void Normalize(NormalizedText text)
    {
        var chars = text.Chars;
        var start = 0;
        var end = chars.Length;
        while (left && start < end && CharacterClasses.IsWhiteSpace(chars[start])) start++;
        while (right && end > start && CharacterClasses.IsWhiteSpace(chars[end - 1])) end--;
        if (start == 0 && end == chars.Length) return;
        var editor = text.Edit();
        editor.RemoveUnits(start);
        editor.Keep(end - start);
        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Strip");
        writer.WriteBoolean("strip_left", left);
        writer.WriteBoolean("strip_right", right);
        writer.WriteEndObject();
    }
}
