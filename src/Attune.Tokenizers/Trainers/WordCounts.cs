using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Trainers;

/// <summary>Counts the pieces that texts fall into.</summary>
internal static class WordCounts
{
    /// <summary>Counts pieces; they come in the order in which they are first met.</summary>
    /// <param name="texts">The texts, one at a time.</param>
    /// <param name="normalizer">What each goes through first.</param>
    /// <param name="preTokenizer">What cuts it; the whole text is one piece where null.</param>
    public static List<(string Word, long Count)> Count(IEnumerable<string> texts, INormalizer? normalizer, IPreTokenizer? preTokenizer)
    {
        var indices = new Dictionary<string, int>();
        var lookup = indices.GetAlternateLookup<ReadOnlySpan<char>>();
        var counts = new List<(string Word, long Count)>();
        var pieces = new PreTokenizedText(tracksOffsets: NeedsOrigins(preTokenizer));
        foreach (var text in texts)
        {
            pieces.Load(text);
            normalizer?.Normalize(pieces.Text);
            pieces.TakeWhole();
            preTokenizer?.PreTokenize(pieces);
            foreach (var piece in pieces.Pieces)
            {
                var word = pieces.Text.Chars.Slice(piece.Start, piece.Length);
                if (lookup.TryGetValue(word, out var index))
                {
                    counts[index] = (counts[index].Word, counts[index].Count + 1);
                    continue;
                }

                var added = word.ToString();
                indices[added] = counts.Count;
                counts.Add((added, 1));
            }
        }

        return counts;
    }

    private static bool NeedsOrigins(IPreTokenizer? preTokenizer) => preTokenizer switch
    {
        MetaspacePreTokenizer metaspace => metaspace.Settings.Scheme == PrependScheme.First,
        PreTokenizerSequence sequence => sequence.Members.Any(NeedsOrigins),
        _ => false,
    };
}
