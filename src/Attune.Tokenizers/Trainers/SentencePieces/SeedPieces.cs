using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>The pieces that unigram training starts from: all characters, and the substrings that cover most of the text.</summary>
internal static class SeedPieces
{
    private const int MaxUtf8Length = 4;

    /// <summary>Finds the pieces with their log probabilities.</summary>
    /// <param name="sentences">The sentences, before they are cut into words.</param>
    /// <param name="rules">Which texts may be pieces.</param>
    /// <param name="size">The greatest number of substrings.</param>
    public static List<(int[] Text, float Score)> Find(IReadOnlyList<TrainingSentence> sentences, PieceRules rules, int size)
    {
        var characters = new Dictionary<int, long>();
        foreach (var (sentence, count) in sentences)
        {
            foreach (var c in sentence)
            {
                if (c is not (PieceText.Unknown or 0)) CollectionsMarshal.GetValueRefOrAddDefault(characters, c, out _) += count;
            }
        }

        var seeds = new List<(int[] Text, float Score)>();
        foreach (var (c, count) in characters.OrderByDescending(c => c.Value).ThenBy(c => c.Key)) seeds.Add(([c], count));
        seeds.AddRange(Substrings(Join(sentences), rules).OrderByDescending(s => s.Score).Take(size).Select(s => (s.Text, (float)s.Score)));
        return LogProbabilities(seeds);
    }

    // In UTF-8, with a zero between sentences and none behind the last: two characters that begin with the same byte count as the same
    // continuation, so a substring that only such characters follow is none of the repeated ones.
    private static int[] Join(IReadOnlyList<TrainingSentence> sentences)
    {
        var text = new List<int>();
        foreach (var (sentence, _) in sentences)
        {
            foreach (var b in System.Text.Encoding.UTF8.GetBytes(PieceText.Spell(sentence))) text.Add(b);
            text.Add(0);
        }

        return [.. CollectionsMarshal.AsSpan(text)[..^1]];
    }

    // Each with how many characters of the text it covers; smallest suffixes first.
    private static List<(int[] Text, long Score)> Substrings(int[] text, PieceRules rules)
    {
        var found = new List<(int[] Text, long Score)>();
        var bytes = new byte[MaxUtf8Length * rules.MaxLength];
        foreach (var (start, length, count) in RepeatedSubstrings.Find(text))
        {
            if (length < 2 || length > bytes.Length || Continues(text[start]) || (start + length < text.Length && Continues(text[start + length]))) continue;
            for (var i = 0; i < length; i++) bytes[i] = (byte)text[start + i];
            var piece = PieceText.CodePoints(System.Text.Encoding.UTF8.GetString(bytes, 0, length));
            if (piece.Length >= 2 && rules.Allows(piece)) found.Add((piece, (long)count * piece.Length));
        }

        return found;
    }

    private static bool Continues(int utf8) => (utf8 & 0xC0) == 0x80;

    private static List<(int[] Text, float Score)> LogProbabilities(List<(int[] Text, float Score)> seeds)
    {
        var sum = 0f;
        foreach (var (_, score) in seeds) sum += score;
        var logSum = (float)Math.Log(sum);
        return [.. seeds.Select(s => (s.Text, (float)(Math.Log(s.Score) - logSum)))];
    }
}
