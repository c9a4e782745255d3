using System.Text.Unicode;
using Attune.Formats;
using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Loading;

/// <summary>Reads vocabularies from before <c>tokenizer.json</c>: <c>vocab.txt</c>, and <c>vocab.json</c> with <c>merges.txt</c>.</summary>
internal static class VocabularyFiles
{
    /// <summary>Reads one token a line; the line's number, from 0, is its id.</summary>
    /// <exception cref="AttuneFormatException">The bytes are not UTF-8 text, or hold no token.</exception>
    public static Vocabulary ReadLines(ReadOnlySpan<byte> utf8, string path)
    {
        var ids = new Dictionary<string, int>();
        var line = 0;
        foreach (var token in Lines(utf8, path)) ids[token.TrimEnd()] = line++;
        if (line == 0) throw new AttuneFormatException(path, "content", "nothing", "one token a line");
        return new Vocabulary(ids);
    }

    /// <summary>Reads an object of tokens and ids.</summary>
    /// <exception cref="AttuneFormatException">The bytes are anything else.</exception>
    public static Vocabulary ReadJson(ReadOnlyMemory<byte> utf8, string path)
    {
        using var document = JsonText.Parse(utf8, path);
        return new Vocabulary(ModelSource.ReadIds(document.RootElement, "vocabulary", path));
    }

    /// <summary>Reads one merge a line: two tokens with a space between. A first line may give a version.</summary>
    /// <exception cref="AttuneFormatException">A line is anything else.</exception>
    public static List<(string Left, string Right)> ReadMerges(ReadOnlySpan<byte> utf8, string path)
    {
        var merges = new List<(string, string)>();
        var number = 0;
        foreach (var line in Lines(utf8, path))
        {
            number++;
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal)) continue;
            if (line.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right])
                throw new AttuneFormatException(path, $"line {number}", $"'{(line.Length > 60 ? line[..60] : line)}'", "two tokens with one space between");
            merges.Add((left, right));
        }

        return merges;
    }

    private static IEnumerable<string> Lines(ReadOnlySpan<byte> utf8, string path)
    {
        var text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(text)) throw new AttuneFormatException(path, "text", "bytes that are not UTF-8", "UTF-8 text");
        var lines = System.Text.Encoding.UTF8.GetString(text).Split('\n');
        // The last line end closes a line and opens none.
        var count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return lines.Take(count).Select(line => line.TrimEnd('\r'));
    }
}
