using Attune.Tokenizers.Loading;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Trainers.SentencePieces;

namespace Attune.Tokenizers;

/// <summary>Trains SentencePiece models as SentencePiece itself trains them: the same pieces with the same scores and ids.</summary>
public static class SentencePieceTrainer
{
    internal static List<SentencePiece> TrainPieces(IEnumerable<string> texts, SentencePieceTraining training, CharacterMap? map, CancellationToken cancellation)
    {
        var reserved = ReservedPieces.Place(training);
        var normalizer = new SentencePieceNormalizer(map, training.AddDummyPrefix, training.RemoveExtraSpaces, training.SpaceAsSuffix);
        var sentences = TrainingSentences.Read(texts, training, normalizer, reserved.Values);
        var room = training.VocabularySize - reserved.Count;
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

        return pieces;
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
