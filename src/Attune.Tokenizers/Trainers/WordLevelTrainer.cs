namespace Attune.Tokenizers.Trainers;

/// <summary>Takes the most frequent words as they are.</summary>
internal static class WordLevelTrainer
{
    /// <summary>The vocabulary in order of ids: special tokens, then words by falling count, equal ones by code points.</summary>
    public static List<string> Train(IReadOnlyList<(string Word, long Count)> words, int vocabularySize, long minFrequency, IReadOnlyList<string> specialTokens)
    {
        var tokens = specialTokens.Distinct().ToList();
        var known = tokens.ToHashSet();
        foreach (var (word, count) in words.OrderByDescending(w => w.Count).ThenBy(w => w.Word, CodePointOrder.Instance))
        {
            if (tokens.Count >= vocabularySize || count < minFrequency) break;
            if (known.Add(word)) tokens.Add(word);
        }

        return tokens;
    }
}
