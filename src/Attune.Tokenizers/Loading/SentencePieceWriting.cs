using Attune.Tokenizers.Normalizers;

namespace Attune.Tokenizers.Loading;

/// <summary>Writes SentencePiece <c>.model</c> files.</summary>
internal static class SentencePieceWriting
{
    /// <summary>The content of a file.</summary>
    /// <param name="pieces">The pieces in order of ids.</param>
    /// <param name="training">What they were trained with.</param>
    /// <param name="map">The normalization rules; none where null.</param>
    public static byte[] Write(IReadOnlyList<SentencePiece> pieces, SentencePieceTraining training, CharacterMap? map)
    {
        var model = new ProtobufWriter();
        foreach (var piece in pieces) model.Bytes(1, Piece(piece));
        model.Bytes(2, Trainer(training, pieces.Count));
        model.Bytes(3, Normalizer(training, map));
        return model.ToArray();
    }

    private static byte[] Piece(SentencePiece piece)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, piece.Text);
        writer.Float(2, piece.Score);
        if (piece.Kind != PieceKind.Normal) writer.Number(3, (long)piece.Kind);
        return writer.ToArray();
    }

    private static byte[] Trainer(SentencePieceTraining training, int count)
    {
        var writer = new ProtobufWriter();
        writer.Number(3, (long)training.Kind);
        writer.Number(4, count);
        writer.Float(10, training.CharacterCoverage);
        writer.Number(11, training.InputSentenceSize);
        writer.Number(14, training.SeedSize);
        writer.Float(15, training.ShrinkingFactor);
        writer.Number(16, training.Shares);
        writer.Number(17, training.SubIterations);
        writer.Number(18, training.MaxSentenceLength);
        writer.Flag(19, training.ShuffleInput);
        writer.Number(20, training.MaxPieceLength);
        writer.Flag(21, training.SplitByScript);
        writer.Flag(22, training.SplitBySpace);
        writer.Flag(23, training.SplitByNumber);
        writer.Flag(24, training.SpaceAsSuffix);
        writer.Flag(25, training.SplitDigits);
        writer.Flag(26, training.AllowSpaceOnlyPieces);
        foreach (var symbol in training.ControlSymbols) writer.Text(30, symbol);
        foreach (var symbol in training.UserDefinedSymbols) writer.Text(31, symbol);
        writer.Flag(33, training.HardVocabularyLimit);
        writer.Flag(35, training.ByteFallback);
        if (training.RequiredCharacters.Length > 0) writer.Text(36, training.RequiredCharacters);
        Reserve(training.Unknown, 40, 45);
        Reserve(training.Begin, 41, 46);
        Reserve(training.End, 42, 47);
        Reserve(training.Padding, 43, 48);
        if (training.Delimiter.Length > 0) writer.Text(53, training.Delimiter);
        return writer.ToArray();

        void Reserve(ReservedPiece piece, int id, int text)
        {
            writer.Number(id, piece.Id);
            writer.Text(text, piece.Text);
        }
    }

    private static byte[] Normalizer(SentencePieceTraining training, CharacterMap? map)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, training.NormalizationRule);
        if (map is not null) writer.Bytes(2, map.Blob);
        writer.Flag(3, training.AddDummyPrefix);
        writer.Flag(4, training.RemoveExtraSpaces);
        writer.Flag(5, true);
        return writer.ToArray();
    }
}
