using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>GPT-2's splitting into words that carry the space before them, and the turn from characters to byte characters.</summary>
/// <param name="addPrefixSpace">Whether a text that does not begin with a space gets one.</param>
/// <param name="trimOffsets">Kept for the file; what it says is done by the post-processor.</param>
/// <param name="useRegex">Whether GPT-2's pattern splits; if not, only the bytes are turned.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool trimOffsets, bool useRegex) : IPreTokenizer
{
    /// <summary>Whether a text that does not begin with a space gets one.</summary>
    public bool AddPrefixSpace => addPrefixSpace;

    /// <summary>Whether GPT-2's pattern splits.</summary>
    public bool UseRegex => useRegex;

    public static ByteLevelPreTokenizer Read(JsonFields fields) =>
        new(fields.Bool("add_prefix_space", true), fields.Bool("trim_offsets", true), fields.Bool("use_regex", true));

    public void PreTokenize(PreTokenizedText text)
    {
        if (addPrefixSpace) AddSpaces(text);
        if (useRegex) CutWords(text);
        var rewriter = text.Rewrite();
        while (rewriter.MoveNext(out var chars, out var editor))
        {
            ByteAlphabet.Expand(chars, ref editor);
            rewriter.KeepAll();
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    private static void AddSpaces(PreTokenizedText text)
    {
        var rewriter = text.Rewrite();
        while (rewriter.MoveNext(out var chars, out var editor))
        {
            if (!chars.IsEmpty && chars[0] != ' ') editor.Prepend(" ");
            editor.Keep(chars.Length);
            rewriter.KeepAll();
        }
    }

    private static void CutWords(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            for (var at = 0; at < chars.Length;)
            {
                var end = at + Gpt2Words.Length(chars[at..]);
                cutter.Keep(at, end);
                at = end;
            }
        }
    }
}
