using System.Text;
using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Lower case, character by character: a capital sigma never takes the form for the end of a word.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    /// <summary>Lowers a whole text.</summary>
    public static void Lower(NormalizedText text)
    {
        if (!text.Chars.ContainsAnyExceptInRange('\0', '\x7F') && !text.Chars.ContainsAnyInRange('A', 'Z')) return;
        var editor = text.Edit();
        foreach (var rune in text.Chars.EnumerateRunes()) Lower(ref editor, rune);
        text.CommitEdit();
    }

    /// <summary>Puts the lower-case form in the place of the next character.</summary>
    public static void Lower(ref TextEditor editor, Rune rune)
    {
        if (rune.IsAscii)
        {
            editor.Replace(char.ToLowerInvariant((char)rune.Value));
            return;
        }

        if (rune.Value == 0x130)
        {
            editor.Replace('i');
            editor.Insert('\u0307');
            return;
        }

        editor.Replace(CharacterClasses.ToLower(rune));
    }

    public void Normalize(NormalizedText text) => Lower(text);

    public void Write(Utf8JsonWriter writer) => writer.WriteType("Lowercase");
}
