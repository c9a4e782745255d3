namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>
/// SentencePiece's unigram training: from all frequent substrings, estimate how often each is used (expectation-maximisation over all
/// segmentations), drop those whose loss costs least, and repeat until few enough are left.
/// </summary>
/// <remarks>
/// Kudo, https://arxiv.org/abs/1804.10959; the estimation's prior follows Liang's Bayesian EM. Scores and sums are in single precision
/// and rounded where SentencePiece rounds them, since equal losses decide by the last digit.
/// </remarks>
internal sealed class SentencePieceUnigramTrainer
{
    private const float FrequencyThreshold = 0.5f;
    private const float PenaltyStep = 0.0001f;
    private const double Surplus = 1.1;

    private readonly SentencePieceTraining _training;
    private readonly IReadOnlyList<TrainingSentence> _words;
    private readonly ScoredPieces _pieces;
    private readonly CancellationToken _cancellation;

    private SentencePieceUnigramTrainer(SentencePieceTraining training, IReadOnlyList<TrainingSentence> words, ScoredPieces pieces, CancellationToken cancellation) =>
        (_training, _words, _pieces, _cancellation) = (training, words, pieces, cancellation);

    /// <summary>Trains a model.</summary>
    /// <param name="sentences">The texts.</param>
    /// <param name="training">The settings.</param>
    /// <param name="size">How many pieces to learn at most.</param>
    /// <param name="cancellation">Ends the training early.</param>
    /// <returns>The pieces with their scores, greatest first.</returns>
    public static List<(string Text, float Score)> Train(TrainingSentences sentences, SentencePieceTraining training, int size, CancellationToken cancellation)
    {
        var rules = new PieceRules(training);
        var seeds = new ScoredPieces(SeedPieces.Find(sentences.Sentences, rules, training.SeedSize));
        var words = training.SplitBySpace ? sentences.Words(rules) : sentences.Sentences;
        var trainer = new SentencePieceUnigramTrainer(training, words, seeds, cancellation);
        var desired = (int)(training.VocabularySize * Surplus);
        // The scores are those from before the last pruning: what it leaves is not estimated again.
        for (var before = -1; trainer._pieces.Count > desired && trainer._pieces.Count != before;)
        {
            before = trainer._pieces.Count;
            for (var i = 0; i < training.SubIterations; i++) trainer.Maximize(trainer.Expect());
            if (trainer._pieces.Count > desired) trainer.Prune(desired);
        }

        return trainer.Finish(sentences.Characters, size);
    }

    private float[] Expect() => Sum((lattice, word, expected) => lattice.AddExpected(word.Count, expected));

    // The words are dealt out to shares that are summed up one by one and then together, whatever threads there are.
    private float[] Sum(Action<PieceLattice, TrainingSentence, float[]> add)
    {
        var sums = new float[_training.Shares][];
        Parallel.For(0, sums.Length, new ParallelOptions { CancellationToken = _cancellation }, () => new PieceLattice(), (share, _, lattice) =>
        {
            sums[share] = new float[_pieces.Count];
            for (var i = share; i < _words.Count; i += sums.Length)
            {
                lattice.Build(_words[i].Text, _pieces);
                add(lattice, _words[i], sums[share]);
            }

            return lattice;
        }, _ => { });
        for (var share = 1; share < sums.Length; share++)
        {
            for (var id = 0; id < sums[0].Length; id++) sums[0][id] += sums[share][id];
        }

        return sums[0];
    }

    private void Maximize(float[] expected)
    {
        var kept = new List<(int Seed, float Count)>();
        var sum = 0f;
        for (var id = 0; id < expected.Length; id++)
        {
            if (expected[id] < FrequencyThreshold) continue;
            kept.Add((_pieces.Seeds[id], expected[id]));
            sum += expected[id];
        }

        var logSum = (float)Digamma(sum);
        _pieces.Set([.. kept.Select(p => (p.Seed, (float)(Digamma(p.Count) - logSum)))]);
    }

    private static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++) result -= 1 / x;
        x -= 1.0 / 2.0;
        var xx = 1.0 / x;
        var xx2 = xx * xx;
        var xx4 = xx2 * xx2;
        return result + (Math.Log(x) + ((1.0 / 24.0) * xx2) - ((7.0 / 960.0) * xx4) + ((31.0 / 8064.0) * xx4 * xx2) - ((127.0 / 30720.0) * xx4 * xx4));
    }

    // What would be lost without a piece: the likelihood of the text that it stands for, were it replaced by its second-best segmentation.
    private void Prune(int desired)
    {
        var used = Sum((lattice, word, counts) =>
        {
            var path = new List<int>();
            lattice.BestPath(path);
            foreach (var id in path) counts[id] += word.Count;
        });
        var total = 0.0;
        foreach (var count in used) total += count;
        var sum = (float)total;
        var logSum = (float)Math.Log(sum);
        var kept = new List<int>();
        var candidates = new List<(int Id, float Loss)>();
        var lattice = new PieceLattice();
        for (var id = 0; id < _pieces.Count; id++)
        {
            if (used[id] == 0) continue;
            lattice.Build(_pieces.TextOf(id), _pieces);
            var paths = lattice.TwoBestPaths();
            // A piece whose text is better put together from others is of no use.
            if (paths.Count == 2 && paths[0].Count >= 2) continue;
            if (paths.Count < 2) kept.Add(id);
            else candidates.Add((id, Loss(used, id, paths[1], sum, logSum)));
        }

        var size = Math.Max(desired, (int)(_training.ShrinkingFactor * _pieces.Count));
        foreach (var (id, _) in candidates.OrderByDescending(c => c.Loss).ThenBy(c => c.Id))
        {
            if (kept.Count == size) break;
            kept.Add(id);
        }

        _pieces.Set([.. kept.Select(id => (_pieces.Seeds[id], _pieces.Scores[id]))]);
    }

    private static float Loss(float[] used, int id, List<int> parts, float sum, float logSum)
    {
        var with = (float)(Math.Log(used[id]) - logSum);
        var logSumWithout = (float)Math.Log(sum + (used[id] * (parts.Count - 1)));
        var without = 0f;
        foreach (var part in parts) without = (float)(without + (Math.Log(used[part] + used[id]) - logSumWithout));
        return used[id] / sum * (with - without);
    }

    private List<(string Text, float Score)> Finish(IReadOnlyList<(int Character, long Count)> characters, int size)
    {
        var scores = Enumerable.Range(0, _pieces.Count).Select(id => (Text: PieceText.Spell(_pieces.TextOf(id)), Score: _pieces.Scores[id])).ToList();
        var byText = scores.ToDictionary(p => p.Text, p => p.Score);
        var final = new Dictionary<string, float>();
        var penalty = 0f;
        // Characters that got lost come with the lowest score, each a little apart from the others.
        foreach (var (character, _) in characters)
        {
            var text = PieceText.Spell([character]);
            if (byText.TryGetValue(text, out var score))
            {
                final[text] = score;
                continue;
            }

            final[text] = _pieces.LowestScore + penalty;
            penalty += PenaltyStep;
        }

        foreach (var (text, score) in Sorted(scores))
        {
            if (final.Count == size) break;
            final.TryAdd(text, score);
        }

        return [.. Sorted(final.Select(p => (p.Key, p.Value)))];
    }

    private static IEnumerable<(string Text, float Score)> Sorted(IEnumerable<(string Text, float Score)> pieces) =>
        pieces.OrderByDescending(p => p.Score).ThenBy(p => p.Text, CodePointOrder.Instance);
}
