namespace Attune.Data.Corpora;

/// <summary>How large a corpus is.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Sentences">Sentences (or lines).</param>
/// <param name="Words">Words, by white space.</param>
/// <param name="Characters">Characters (UTF-16).</param>
public readonly record struct CorpusStatistics(long Documents, long Sentences, long Words, long Characters)
{
    /// <summary>Reads a corpus once and counts.</summary>
    public static CorpusStatistics Count(IEnumerable<TextDocument> documents)
    {
        long count = 0, sentences = 0, words = 0, characters = 0;
        foreach (TextDocument document in documents)
        {
            count++;
            sentences += document.Sentences.Count;
            foreach (string sentence in document.Sentences)
            {
                characters += sentence.Length;
                words += CountWords(sentence);
            }
        }
        return new CorpusStatistics(count, sentences, words, characters);
    }

    /// <summary>Counts words by white space.</summary>
    public static int CountWords(ReadOnlySpan<char> text)
    {
        int words = 0;
        bool inside = false;
        foreach (char c in text)
        {
            bool white = char.IsWhiteSpace(c);
            if (!white && !inside) words++;
            inside = !white;
        }
        return words;
    }
}
