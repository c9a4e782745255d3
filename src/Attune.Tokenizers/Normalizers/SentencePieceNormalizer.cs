using System.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Normalizes whole texts as SentencePiece itself does it, its spaces made visible.</summary>
/// <remarks>
/// The compiled rules apply from the left, the longest that fits first. The published tokenizers apply the same rules grapheme by
/// grapheme (<see cref="PrecompiledNormalizer"/>).
/// </remarks>
/// <param name="map">The rules; none where null.</param>
/// <param name="addDummyPrefix">Whether a space is added.</param>
/// <param name="removeExtraSpaces">Whether leading, trailing and repeated spaces vanish.</param>
/// <param name="spaceAsSuffix">Whether the added space comes behind the text.</param>
internal sealed class SentencePieceNormalizer(CharacterMap? map, bool addDummyPrefix, bool removeExtraSpaces, bool spaceAsSuffix)
{
    private const char Space = '\u2581';

    private static readonly string[] Ascii = [.. Enumerable.Range(0, 0x80).Select(c => ((char)c).ToString())];

    /// <summary>Normalizes a text; empty if nothing but removable spaces is in it.</summary>
    public string Normalize(string text)
    {
        var input = System.Text.Encoding.UTF8.GetBytes(text);
        var at = 0;
        if (removeExtraSpaces) SkipSpaces(input, ref at);
        if (at == input.Length) return "";
        var output = new StringBuilder(text.Length + 1);
        if (addDummyPrefix && !spaceAsSuffix) output.Append(Space);
        var afterSpace = removeExtraSpaces;
        while (at < input.Length)
        {
            var part = Next(input, ref at);
            if (afterSpace) part = part.TrimStart(' ');
            if (part.Length == 0) continue;
            output.Append(part.Replace(' ', Space));
            afterSpace = removeExtraSpaces && part[^1] == ' ';
        }

        if (removeExtraSpaces)
        {
            while (output.Length > 0 && output[^1] == Space) output.Length--;
        }

        if (addDummyPrefix && spaceAsSuffix) output.Append(Space);
        return output.ToString();
    }

    private void SkipSpaces(ReadOnlySpan<byte> input, ref int at)
    {
        for (var next = at; next < input.Length && Next(input, ref next) == " ";) at = next;
    }

    private string Next(ReadOnlySpan<byte> input, ref int at)
    {
        if (map is not null && map.TryFindLongest(input[at..], out var replacement, out var length))
        {
            at += length;
            return System.Text.Encoding.UTF8.GetString(replacement);
        }

        if (input[at] < Ascii.Length) return Ascii[input[at++]];
        Rune.DecodeFromUtf8(input[at..], out var rune, out var used);
        at += used;
        return rune.ToString();
    }
}
