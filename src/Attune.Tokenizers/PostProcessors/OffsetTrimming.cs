using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Takes the white space that byte-level tokens begin or end with out of their offsets.</summary>
internal static class OffsetTrimming
{
    private static readonly char Space = ByteAlphabet.ToChar((byte)' ');

    /// <summary>Trims the offsets of all tokens.</summary>
    /// <param name="columns">The tokens.</param>
    /// <param name="addPrefixSpace">Whether a single space at the text's beginning was put there by the tokenizer.</param>
    public static EncodingColumns Trim(EncodingColumns columns, bool addPrefixSpace)
    {
        var offsets = new TextSpan[columns.Length];
        for (var i = 0; i < offsets.Length; i++)
        {
            var token = columns.Tokens[i];
            var (start, end) = columns.Offsets[i];
            var leading = 0;
            while (leading < token.Length && IsSpace(token[leading])) leading++;
            var trailing = 0;
            while (trailing < token.Length && IsSpace(token[token.Length - 1 - trailing])) trailing++;
            var isPrefix = leading == 1 && addPrefixSpace && (i == 0 || start == 0);
            if (leading > 0 && !isPrefix) start = Math.Min(start + leading, end);
            if (trailing > 0 && end >= trailing) end = Math.Max(end - trailing, start);
            offsets[i] = new TextSpan(start, end);
        }

        return columns with { Offsets = offsets };
    }

    private static bool IsSpace(char c) => c == Space || CharacterClasses.IsWhiteSpace(c);
}
