using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>BERT's cleaning: control characters dropped, Chinese characters set apart, accents stripped, lower case.</summary>
/// <param name="cleanText">Whether control characters are dropped and white space becomes spaces.</param>
/// <param name="handleChineseChars">Whether Chinese characters get a space on either side.</param>
/// <param name="stripAccents">Whether accents are stripped; as <paramref name="lowercase"/> where null.</param>
/// <param name="lowercase">Whether letters become lower case.</param>
internal sealed class BertNormalizer(bool cleanText, bool handleChineseChars, bool? stripAccents, bool lowercase) : INormalizer
{
    public static BertNormalizer Read(JsonFields fields) => new(
        fields.Bool("clean_text", true),
        fields.Bool("handle_chinese_chars", true),
        fields.Has("strip_accents") ? fields.Bool("strip_accents") : null,
        fields.Bool("lowercase", true));

    public void Normalize(NormalizedText text)
    {
        if (cleanText || handleChineseChars) CleanAndSetApart(text);
        if (stripAccents ?? lowercase)
        {
            UnicodeForm.Nfd.Apply(text);
            StripAndLower(text);
        }
        else if (lowercase)
        {
            LowercaseNormalizer.Lower(text);
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", cleanText);
        writer.WriteBoolean("handle_chinese_chars", handleChineseChars);
        if (stripAccents is { } strip) writer.WriteBoolean("strip_accents", strip);
        else writer.WriteNull("strip_accents");
        writer.WriteBoolean("lowercase", lowercase);
        writer.WriteEndObject();
    }

    private void CleanAndSetApart(NormalizedText text)
    {
        // Printable ASCII holds nothing to clean or to set apart.
        if (!text.Chars.ContainsAnyExceptInRange(' ', '~')) return;
        var editor = text.Edit();
        foreach (var rune in text.Chars.EnumerateRunes())
        {
            var c = rune.Value;
            if (cleanText && (c is 0 or 0xFFFD || CharacterClasses.BertControl.Contains(c)))
            {
                editor.Remove(1);
            }
            else if (cleanText && CharacterClasses.IsWhiteSpace(c))
            {
                editor.Replace(' ');
            }
            else if (handleChineseChars && CharacterClasses.IsChinese(c))
            {
                editor.Replace(' ');
                editor.Insert(rune);
                editor.Insert(' ');
            }
            else
            {
                editor.Keep(rune.Utf16SequenceLength);
            }
        }

        text.CommitEdit();
    }

    private void StripAndLower(NormalizedText text)
    {
        if (!text.Chars.ContainsAnyExceptInRange('\0', '\x7F') && !(lowercase && text.Chars.ContainsAnyInRange('A', 'Z'))) return;
        var editor = text.Edit();
        foreach (var rune in text.Chars.EnumerateRunes())
        {
            if (rune.Value >= 0x80 && CharacterClasses.NonspacingMark.Contains(rune.Value)) editor.Remove(1);
            else if (lowercase) LowercaseNormalizer.Lower(ref editor, rune);
            else editor.Keep(rune.Utf16SequenceLength);
        }

        text.CommitEdit();
    }
}
