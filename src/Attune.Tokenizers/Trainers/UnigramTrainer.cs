using System.Text;
using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Trainers;

/// <summary>What unigram training is asked for.</summary>
internal sealed record UnigramTrainerOptions
{
    /// <summary>The number of tokens, special ones included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens that come first and are never learned.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The special token for unknown characters; put first if it is not among them.</summary>
    public string UnknownToken { get; init; } = "<unk>";

    /// <summary>The longest token in code points.</summary>
    public int MaxPieceLength { get; init; } = 16;

    /// <summary>What part of the tokens survives a round of pruning.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Rounds of estimation between prunings.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>How many substrings the training starts from.</summary>
    public int SeedSize { get; init; } = 1_000_000;
}

/// <summary>
/// Unigram training: from all frequent substrings, estimate how often each is used (expectation-maximisation over all
/// segmentations), drop those whose loss costs least, and repeat until few enough are left.
/// </summary>
/// <remarks>Kudo, https://arxiv.org/abs/1804.10959; the estimation's prior follows Liang's Bayesian EM.</remarks>
internal sealed class UnigramTrainer
{
    private const double FrequencyThreshold = 0.5;
    private const double UnknownPenalty = 10;

    private readonly UnigramTrainerOptions _options;
    private readonly IReadOnlyList<(string Word, long Count)> _words;
    private readonly UnigramLattice _lattice = new();
    private List<string> _pieces = [];
    private List<double> _scores = [];
    private TokenTrie _trie = new();
    private double _lowestScore;

    private UnigramTrainer(IReadOnlyList<(string Word, long Count)> words, UnigramTrainerOptions options) => (_words, _options) = (words, options);

    /// <summary>Trains on counted words.</summary>
    /// <returns>The tokens with their scores, special ones first, and the unknown token's id.</returns>
    public static (List<(string Token, double Score)> Pieces, int UnknownId) Train(
        IReadOnlyList<(string Word, long Count)> words, UnigramTrainerOptions options, CancellationToken cancellation = default)
    {
        var trainer = new UnigramTrainer(words, options);
        var (seeds, scores) = trainer.Seed();
        // Place 0 is the unknown token throughout the training.
        trainer.Set(["", .. seeds], [double.NaN, .. scores]);
        var desired = options.VocabularySize * 11 / 10;
        while (true)
        {
            for (var i = 0; i < options.SubIterations; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                trainer.Maximize(trainer.Expect());
            }

            if (trainer._pieces.Count <= desired) break;
            trainer.Prune(desired);
        }

        return trainer.Finish();
    }

    private void Set(List<string> pieces, List<double> scores)
    {
        (_pieces, _scores, _trie) = (pieces, scores, new TokenTrie());
        _lowestScore = double.PositiveInfinity;
        for (var id = 1; id < pieces.Count; id++)
        {
            _trie.Add(pieces[id], id);
            _lowestScore = Math.Min(_lowestScore, scores[id]);
        }
    }

    private (List<string> Pieces, List<double> Scores) Seed()
    {
        var characters = new Dictionary<Rune, long>();
        var text = new List<int>();
        foreach (var (word, count) in _words)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                text.Add(rune.Value);
                if (rune.Value != 0) characters[rune] = characters.GetValueOrDefault(rune) + count;
            }

            text.Add(0);
        }

        var flat = text.ToArray();
        var pieces = new List<string>();
        var counts = new List<double>();
        foreach (var (rune, count) in characters.OrderByDescending(c => c.Value).ThenByDescending(c => c.Key))
        {
            pieces.Add(rune.ToString());
            counts.Add(count);
        }

        var substrings = RepeatedSubstrings.Find(flat)
            .Where(s => s.Length >= 2 && s.Length <= _options.MaxPieceLength && !flat.AsSpan(s.Start, s.Length).Contains(0))
            .Select(s => (Text: Spell(flat.AsSpan(s.Start, s.Length)), Score: (long)s.Count * s.Length))
            .OrderByDescending(s => s.Score).ThenByDescending(s => s.Text, CodePointOrder.Instance);
        foreach (var (substring, score) in substrings.Take(Math.Max(0, _options.SeedSize - pieces.Count)))
        {
            pieces.Add(substring);
            counts.Add(score);
        }

        var total = Math.Log(counts.Sum());
        return (pieces, [.. counts.Select(c => Math.Log(c) - total)]);
    }

    private static string Spell(ReadOnlySpan<int> codePoints)
    {
        var builder = new StringBuilder();
        foreach (var c in codePoints) builder.Append(new Rune(c).ToString());
        return builder.ToString();
    }

    private void Build(string word) => _lattice.Build(word, _trie, _scores, _lowestScore - UnknownPenalty);

    private double[] Expect()
    {
        var expected = new double[_pieces.Count];
        foreach (var (word, count) in _words)
        {
            Build(word);
            _lattice.AddExpected(count, expected);
        }

        return expected;
    }

    private void Maximize(double[] expected)
    {
        var (pieces, counts) = (new List<string> { "" }, new List<double> { double.NaN });
        var sum = 0.0;
        for (var id = 1; id < expected.Length; id++)
        {
            if (expected[id] < FrequencyThreshold) continue;
            pieces.Add(_pieces[id]);
            counts.Add(expected[id]);
            sum += expected[id];
        }

        var total = Digamma(sum);
        Set(pieces, [.. counts.Select(c => Digamma(c) - total)]);
    }

    private static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++) result -= 1 / x;
        x -= 0.5;
        var square = 1 / x / x;
        var fourth = square * square;
        return result + Math.Log(x) + (square / 24) - (7.0 / 960 * fourth) + (31.0 / 8064 * fourth * square) - (127.0 / 30720 * fourth * fourth);
    }

    // What would be lost without a token: the likelihood of the words it is in, were it replaced by its own second-best segmentation.
    private void Prune(int desired)
    {
        var (keep, alternatives) = Alternatives();
        var used = new double[_pieces.Count];
        var path = new List<int>();
        var allWords = 0.0;
        foreach (var (word, count) in _words)
        {
            Build(word);
            _lattice.BestPath(path);
            allWords += count;
            foreach (var id in path) used[id] += count;
        }

        var sum = used.Sum();
        var logSum = Math.Log(sum);
        var kept = new List<int> { 0 };
        var candidates = new List<(int Id, double Loss)>();
        for (var id = 1; id < _pieces.Count; id++)
        {
            if (used[id] == 0 && !keep[id]) continue;
            if (alternatives[id] is not { Count: > 0 } parts)
            {
                kept.Add(id);
                continue;
            }

            if (used[id] == 0) continue;
            // The published trainer counts all tokens here where the parts of the replacement seem meant: the same vocabulary needs the same.
            var logSumWithout = Math.Log(sum + (used[id] * (_pieces.Count - 1)));
            var without = parts.Sum(part => Math.Log(used[part] + used[id]) - logSumWithout);
            candidates.Add((id, used[id] / allWords * (Math.Log(used[id]) - logSum - without)));
        }

        var size = Math.Max(desired, (int)(_pieces.Count * _options.ShrinkingFactor));
        kept.AddRange(candidates.OrderByDescending(c => c.Loss).Select(c => c.Id).Take(Math.Max(0, size - kept.Count)));
        Set([.. kept.Select(id => _pieces[id])], [.. kept.Select(id => _scores[id])]);
    }

    private (bool[] Keep, List<int>?[] Alternatives) Alternatives()
    {
        var keep = new bool[_pieces.Count];
        var alternatives = new List<int>?[_pieces.Count];
        var path = new List<int>();
        for (var id = 1; id < _pieces.Count; id++)
        {
            Build(_pieces[id]);
            _lattice.BestPath(path);
            var second = _lattice.SecondBestPath();
            keep[id] = second is null || path.Count == 1;
            if (second is not null && path.Count == 1) alternatives[id] = second;
        }

        return (keep, alternatives);
    }

    private (List<(string, double)>, int) Finish()
    {
        var byPiece = new Dictionary<string, double>();
        for (var id = 1; id < _pieces.Count; id++) byPiece[_pieces[id]] = _scores[id];
        var final = new Dictionary<string, double>();
        var penalty = 0.0;
        // Every character of the texts stays; those that got lost come with the lowest score, each a little apart from the others.
        foreach (var character in _words.SelectMany(w => w.Word.EnumerateRunes()).Distinct().Order().Select(r => r.ToString()))
        {
            if (byPiece.TryGetValue(character, out var score))
            {
                final[character] = score;
                continue;
            }

            final[character] = _lowestScore + penalty;
            penalty += 0.0001;
        }

        var special = _options.SpecialTokens.ToList();
        if (!special.Contains(_options.UnknownToken)) special.Insert(0, _options.UnknownToken);
        var room = _options.VocabularySize - special.Count;
        for (var id = 1; id < _pieces.Count && final.Count < room; id++) final.TryAdd(_pieces[id], _scores[id]);
        var pieces = special.Select(s => (s, 0.0)).ToList();
        pieces.AddRange(final.Where(p => !special.Contains(p.Key)).OrderByDescending(p => p.Value).ThenBy(p => p.Key, CodePointOrder.Instance).Select(p => (p.Key, p.Value)));
        return (pieces, special.IndexOf(_options.UnknownToken));
    }
}
