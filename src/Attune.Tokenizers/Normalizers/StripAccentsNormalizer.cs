using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Drops combining marks; accented letters lose theirs only after a decomposition.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    public void Normalize(NormalizedText text)
    {
        var editor = text.Edit();
        foreach (var rune in text.Chars.EnumerateRunes())
        {
            if (rune.Value >= 0x80 && CharacterClasses.Mark.Contains(rune.Value)) editor.Remove(1);
            else editor.Keep(rune.Utf16SequenceLength);
        }

        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("StripAccents");
}
