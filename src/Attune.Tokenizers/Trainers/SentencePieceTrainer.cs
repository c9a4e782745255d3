using Attune.Tokenizers.Loading;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Trainers.SentencePieces;

namespace Attune.Tokenizers;

/// <summary>Trains SentencePiece models as SentencePiece itself trains them: the same pieces with the same scores and ids.</summary>
public static class SentencePieceTrainer
{
    /// <summary>Trains a model.</summary>
    /// <param name="texts">The texts, one sentence (or line) at a time; read once.</param>
    /// <param name="training">The settings.</param>
    /// <param name="cancellation">Ends the training early.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the texts do not give as many pieces as are asked for.</exception>
    public static TrainedSentencePiece Train(IEnumerable<string> texts, SentencePieceTraining training, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(training);
        Check(training);
        var reserved = ReservedPieces.Place(training);
        var map = NormalizationRules.Find(training.NormalizationRule);
        var normalizer = new SentencePieceNormalizer(map, training.AddDummyPrefix, training.RemoveExtraSpaces, training.SpaceAsSuffix);
        var sentences = TrainingSentences.Read(texts, training, normalizer, reserved.Values);
        var room = training.VocabularySize - reserved.Count;
        if (room < sentences.Characters.Count)
            throw new ArgumentException($"A vocabulary of {training.VocabularySize} has no room for {reserved.Count} reserved pieces and {sentences.Characters.Count} characters; ask for more pieces or a lower character coverage.", nameof(training));
        var learned = training.Kind == SentencePieceKind.Bpe
            ? Pairs(sentences, training, room, cancellation)
            : SentencePieceUnigramTrainer.Train(sentences, training, room, cancellation);
        var pieces = new List<SentencePiece>(training.VocabularySize);
        var next = 0;
        for (var id = 0; id < training.VocabularySize; id++)
        {
            if (reserved.TryGetValue(id, out var piece)) pieces.Add(piece);
            else if (next < learned.Count) pieces.Add(new SentencePiece(learned[next].Text, learned[next++].Score, PieceKind.Normal));
        }

        if (training.HardVocabularyLimit && pieces.Count < training.VocabularySize)
            throw new ArgumentException($"The texts give {pieces.Count} pieces, and {training.VocabularySize} are asked for; ask for fewer, or lift the hard limit.", nameof(training));
        return new TrainedSentencePiece(pieces, SentencePieceWriting.Write(pieces, training, map));
    }

    private static void Check(SentencePieceTraining training)
    {
        Within(training.VocabularySize, 1, 10_000_000, "the vocabulary");
        Within(training.CharacterCoverage, 0.98, 1, "the character coverage");
        Within(training.MaxPieceLength, 1, 512, "the longest piece");
        Within(training.SubIterations, 1, 10, "the rounds of estimation");
        Within(training.Shares, 1, 1024, "the shares");
        Within(training.ShrinkingFactor, 0.5, 0.95, "the shrinking factor");
        Within(training.MaxSentenceLength, 10, 1 << 30, "the longest sentence");
        Within(training.SeedSize, 1, int.MaxValue, "the seeds");
        if (training.InputSentenceSize is not (<= 0 or > 100)) throw new ArgumentException($"The number of sentences is {training.InputSentenceSize}; it must be 0 for all, or above 100.", nameof(training));
        if (training.Kind is not (SentencePieceKind.Unigram or SentencePieceKind.Bpe)) throw new ArgumentException($"{training.Kind} is no kind of model.", nameof(training));

        void Within(double value, double low, double high, string what)
        {
            if (!(value >= low && value <= high)) throw new ArgumentException(FormattableString.Invariant($"A setting is out of range: {what} is {value}, and goes from {low} to {high}."), nameof(training));
        }
    }

    private static List<(string Text, float Score)> Pairs(TrainingSentences sentences, SentencePieceTraining training, int room, CancellationToken cancellation)
    {
        var rules = new PieceRules(training);
        var words = training.SplitBySpace ? sentences.Words(rules) : sentences.Sentences;
        var pieces = SentencePieceBpeTrainer.Train(words, rules, room - sentences.Characters.Count, cancellation);
        pieces.AddRange(sentences.Characters.Select(c => PieceText.Spell([c.Character])));
        return [.. pieces.Select((text, index) => (text, -(float)index))];
    }
}
