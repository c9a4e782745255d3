using System.Runtime.InteropServices;
using System.Text;
using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Loading;
using Attune.Tokenizers.Normalizers;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>The normalized texts that a model is trained on, with what is too rare in them made unknown.</summary>
internal sealed class TrainingSentences
{
    private const uint ShuffleSeed = 12345678;

    private static readonly string Boundary = ((char)PieceText.Boundary).ToString();

    private TrainingSentences(List<TrainingSentence> sentences, List<(int Character, long Count)> characters) => (Sentences, Characters) = (sentences, characters);

    /// <summary>The sentences, in the order in which they were read.</summary>
    public IReadOnlyList<TrainingSentence> Sentences { get; }

    /// <summary>The characters that get a piece, most frequent first, and equally frequent ones by code point.</summary>
    public IReadOnlyList<(int Character, long Count)> Characters { get; }

    /// <summary>Reads texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="training">The settings.</param>
    /// <param name="normalizer">What texts go through.</param>
    /// <param name="reserved">Pieces whose text is cut out.</param>
    /// <exception cref="ArgumentException">No text is left.</exception>
    public static TrainingSentences Read(
        IEnumerable<string> texts, SentencePieceTraining training, SentencePieceNormalizer normalizer, IEnumerable<SentencePiece> reserved)
    {
        var cuts = new AddedTokenFinder(reserved.Select((p, id) => new AddedToken(id, p.Text)), token => token.Content);
        var sentences = new List<TrainingSentence>();
        foreach (var text in Choose(texts.Where(text => Fits(text, training)), training))
        {
            var normalized = Cut(normalizer.Normalize(text), cuts);
            if (training.Delimiter.Length > 0) normalized = normalized.Replace(training.Delimiter, Boundary, StringComparison.Ordinal);
            sentences.Add(new TrainingSentence(PieceText.CodePoints(normalized), 1));
        }

        DropEmpty(sentences);
        if (sentences.Count == 0) throw new ArgumentException("There is no text to train on.", nameof(texts));
        var characters = Cover(sentences, training);
        var kept = characters.Select(c => c.Character).ToHashSet();
        foreach (var (text, _) in sentences)
        {
            foreach (ref var c in text.AsSpan())
            {
                if (!kept.Contains(c)) c = PieceText.Unknown;
            }
        }

        return new TrainingSentences(sentences, characters);
    }

    /// <summary>The distinct words of all sentences, most frequent first, and equally frequent ones by code points.</summary>
    public List<TrainingSentence> Words(PieceRules rules)
    {
        var counts = new Dictionary<string, long>();
        foreach (var (sentence, count) in Sentences)
        {
            var starts = rules.WordStarts(sentence);
            for (var i = 0; i + 1 < starts.Count; i++)
                CollectionsMarshal.GetValueRefOrAddDefault(counts, PieceText.Spell(sentence.AsSpan(starts[i]..starts[i + 1])), out _) += count;
        }

        return [.. counts.OrderByDescending(w => w.Value).ThenBy(w => w.Key, CodePointOrder.Instance).Select(w => new TrainingSentence(PieceText.CodePoints(w.Key), w.Value))];
    }

    private static bool Fits(string text, SentencePieceTraining training) =>
        text.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(text) <= training.MaxSentenceLength && !text.Contains((char)PieceText.Unknown);

    private static List<string> Choose(IEnumerable<string> texts, SentencePieceTraining training)
    {
        var size = training.InputSentenceSize;
        if (size <= 0) return [.. texts];
        if (!training.ShuffleInput) return [.. texts.Take(size)];
        // A reservoir: every text ends up among the chosen ones with the same probability.
        var random = new MersenneTwister(ShuffleSeed);
        var chosen = new List<string>();
        uint seen = 0;
        foreach (var text in texts)
        {
            seen++;
            if (chosen.Count < size) chosen.Add(text);
            else if (random.Below(seen) is var place && place < size) chosen[(int)place] = text;
        }

        return chosen;
    }

    private static string Cut(string text, AddedTokenFinder cuts)
    {
        if (!cuts.MayFind(text)) return text;
        var builder = new StringBuilder();
        var (position, covered) = (0, 0);
        while (cuts.FindNext(text, ref position, covered, out _, out var start, out var end))
        {
            builder.Append(text.AsSpan(covered, start - covered)).Append(Boundary);
            covered = end;
        }

        return builder.Append(text.AsSpan(covered)).ToString();
    }

    // The last sentence takes an empty one's place and is not looked at again, just as SentencePiece does it.
    private static void DropEmpty(List<TrainingSentence> sentences)
    {
        for (var i = 0; i < sentences.Count; i++)
        {
            if (sentences[i].Text.Length > 0) continue;
            sentences[i] = sentences[^1];
            sentences.RemoveAt(sentences.Count - 1);
        }
    }

    private static List<(int Character, long Count)> Cover(List<TrainingSentence> sentences, SentencePieceTraining training)
    {
        var required = training.RequiredCharacters.EnumerateRunes().Select(r => r.Value).Where(c => c != 0).ToHashSet();
        var counts = required.ToDictionary(c => c, _ => 0L);
        var all = 0L;
        foreach (var (text, count) in sentences)
        {
            foreach (var c in text)
            {
                if (c is 0 or ' ') continue;
                CollectionsMarshal.GetValueRefOrAddDefault(counts, c, out _) += count;
                all += count;
            }
        }

        var covered = 0L;
        var kept = new List<(int Character, long Count)>();
        foreach (var (c, count) in counts.OrderByDescending(c => required.Contains(c.Key)).ThenByDescending(c => c.Value).ThenBy(c => c.Key))
        {
            if ((float)(1.0 * covered / all) >= training.CharacterCoverage) break;
            covered += count;
            if (c != PieceText.Boundary) kept.Add((c, count));
        }

        return [.. kept.OrderByDescending(c => c.Count).ThenBy(c => c.Character)];
    }
}
