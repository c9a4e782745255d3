using System.Globalization;
using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Applies SentencePiece's compiled rules grapheme by grapheme, as the published library does it.</summary>
/// <remarks>
/// A grapheme shorter than 6 bytes of which any beginning has a rule is replaced as a whole; otherwise each of its characters is
/// looked up by itself.
/// </remarks>
internal sealed class PrecompiledNormalizer(CharacterMap map) : INormalizer
{
    private const int GraphemeBytes = 6;

    // What becomes of each ASCII character that stands alone: itself, or the rule's text.
    private readonly string?[] _ascii = AsciiRules(map);

    public static PrecompiledNormalizer Read(JsonFields fields)
    {
        const string name = "precompiled_charsmap";
        var text = fields.String(name);
        var blob = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, blob, out var length) || CharacterMap.TryRead(blob[..length]) is not { } map)
            throw fields.Error(name, "a SentencePiece character map in base64");
        return new PrecompiledNormalizer(map);
    }

    public void Normalize(NormalizedText text)
    {
        if (IsUnchanged(text.Chars)) return;
        var changes = new List<(Rune Rune, int Change)>(text.Length + 8);
        var chars = text.Chars;
        Span<byte> bytes = stackalloc byte[GraphemeBytes];
        for (var at = 0; at < chars.Length;)
        {
            var length = GraphemeLength(chars, at);
            if (length == 1 && chars[at] < 0x80)
            {
                if (_ascii[chars[at]] is { } rule) Apply(changes, rule, 1);
                else changes.Add((new Rune(chars[at]), 0));
                at++;
                continue;
            }

            var grapheme = chars.Slice(at, length);
            at += length;
            if (System.Text.Encoding.UTF8.TryGetBytes(grapheme, bytes, out var size) && size < GraphemeBytes && map.TryFindShortest(bytes[..size], out var whole))
            {
                Apply(changes, System.Text.Encoding.UTF8.GetString(whole), CountRunes(grapheme));
                continue;
            }

            foreach (var rune in grapheme.EnumerateRunes())
            {
                size = rune.EncodeToUtf8(bytes);
                if (map.TryFindShortest(bytes[..size], out var single)) Apply(changes, System.Text.Encoding.UTF8.GetString(single), 1);
                else changes.Add((rune, 0));
            }
        }

        var editor = text.Edit();
        foreach (var (rune, change) in changes) editor.Apply(rune, change);
        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Precompiled");
        writer.WriteString("precompiled_charsmap", Convert.ToBase64String(map.Blob));
        writer.WriteEndObject();
    }

    private static string?[] AsciiRules(CharacterMap map)
    {
        var rules = new string?[0x80];
        Span<byte> single = stackalloc byte[1];
        for (var c = 0; c < rules.Length; c++)
        {
            single[0] = (byte)c;
            if (map.TryFindShortest(single, out var rule)) rules[c] = System.Text.Encoding.UTF8.GetString(rule);
        }

        return rules;
    }

    private bool IsUnchanged(ReadOnlySpan<char> chars)
    {
        foreach (var c in chars)
        {
            if (c >= 0x80 || c == '\r' || _ascii[c] is not null) return false;
        }

        return true;
    }

    private static int GraphemeLength(ReadOnlySpan<char> chars, int at)
    {
        // Between two ASCII characters there is always a boundary, but for CR LF.
        if (chars[at] < 0x80 && chars[at] != '\r' && (at + 1 == chars.Length || chars[at + 1] < 0x80)) return 1;
        return StringInfo.GetNextTextElementLength(chars[at..]);
    }

    private static int CountRunes(ReadOnlySpan<char> chars)
    {
        var count = 0;
        foreach (var _ in chars.EnumerateRunes()) count++;
        return count;
    }

    // The first new character stands for all the old ones, the others come beside it. What is deleted goes with the character
    // before it; at the text's beginning there is none, and the published library then lets all origins shift.
    private static void Apply(List<(Rune Rune, int Change)> changes, string rule, int replaced)
    {
        if (rule.Length == 0)
        {
            if (changes.Count > 0) changes[^1] = (changes[^1].Rune, changes[^1].Change - replaced);
            return;
        }

        var change = 1 - replaced;
        foreach (var rune in rule.EnumerateRunes())
        {
            changes.Add((rune, change));
            change = 1;
        }
    }
}
