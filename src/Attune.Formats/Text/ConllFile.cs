namespace Attune.Formats;

/// <summary>A sentence of a CoNLL file.</summary>
/// <param name="Line">The number of its first line, from 1.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Tags">The tag of each token.</param>
public sealed record TaggedSentence(long Line, IReadOnlyList<string> Tokens, IReadOnlyList<string> Tags);

/// <summary>
/// Streams CoNLL files: a token a line, its columns separated by tabs (or blanks), the token first and the tag last; a blank
/// line ends a sentence. <c>-DOCSTART-</c> lines are passed over.
/// </summary>
public static class ConllFile
{
    private const string DocumentStart = "-DOCSTART-";
    private const int MaxSentenceLength = 1 << 20;

    /// <summary>Reads the sentences one after another.</summary>
    /// <exception cref="AttuneFormatException">Missing file, or a line without a tag; names the line.</exception>
    public static IEnumerable<TaggedSentence> Read(string path)
    {
        List<string> tokens = [], tags = [];
        long start = 1;
        foreach (TextLine line in TextLines.Read(path))
        {
            if (string.IsNullOrWhiteSpace(line.Text))
            {
                if (tokens.Count > 0) yield return new TaggedSentence(start, [.. tokens], [.. tags]);
                tokens.Clear();
                tags.Clear();
                continue;
            }
            string[] columns = line.Text.Split(line.Text.Contains('\t', StringComparison.Ordinal) ? '\t' : ' ');
            if (columns[0] == DocumentStart) continue;
            if (columns.Length < 2 || columns[0].Length == 0 || columns[^1].Length == 0)
                throw new AttuneFormatException(path, $"line {line.Number}", $"'{line.Text}'", "a token, a tab and a tag");
            if (tokens.Count == MaxSentenceLength)
                throw new AttuneFormatException(path, $"line {line.Number}", $"a sentence of more than {MaxSentenceLength} tokens", "a blank line after each sentence");
            if (tokens.Count == 0) start = line.Number;
            tokens.Add(columns[0]);
            tags.Add(columns[^1]);
        }
        if (tokens.Count > 0) yield return new TaggedSentence(start, tokens, tags);
    }
}
