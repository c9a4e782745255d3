using Attune.Tokenizers.Loading;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>The pieces that no text gives: unknown, begin, end and padding at their ids, others at the first free ones.</summary>
internal static class ReservedPieces
{
    /// <summary>Places the pieces.</summary>
    /// <exception cref="ArgumentException">Two pieces want one id, or one text stands for two.</exception>
    public static SortedDictionary<int, SentencePiece> Place(SentencePieceTraining training)
    {
        var pieces = new SortedDictionary<int, SentencePiece>();
        if (training.Unknown.Id < 0) throw new ArgumentException($"The unknown piece '{training.Unknown.Text}' must have an id of at least 0.", nameof(training));
        foreach (var piece in (ReadOnlySpan<ReservedPiece>)[training.Unknown, training.Begin, training.End, training.Padding])
        {
            if (piece.Text.Length == 0) throw new ArgumentException("A reserved piece has no text.", nameof(training));
            if (piece.Id < 0) continue;
            var unknown = piece.Text == training.Unknown.Text;
            if (unknown && piece.Id != training.Unknown.Id) throw new ArgumentException($"'{piece.Text}' is reserved twice.", nameof(training));
            if (piece.Id >= training.VocabularySize || !pieces.TryAdd(piece.Id, new SentencePiece(piece.Text, 0, unknown ? PieceKind.Unknown : PieceKind.Control)))
                throw new ArgumentException($"'{piece.Text}' cannot have id {piece.Id}: ids are below {training.VocabularySize} and go to one piece each.", nameof(training));
        }

        var added = new HashSet<string>();
        var next = 0;
        foreach (var symbol in training.ControlSymbols) Add(symbol, PieceKind.Control);
        foreach (var symbol in training.UserDefinedSymbols) Add(symbol, PieceKind.UserDefined);
        if (!training.ByteFallback) return pieces;
        for (var b = 0; b < 256; b++) Add($"<0x{b:X2}>", PieceKind.Byte);
        return pieces;

        void Add(string text, PieceKind kind)
        {
            if (text.Length == 0) throw new ArgumentException("A symbol has no text.", nameof(training));
            if (text == training.Unknown.Text || !added.Add(text)) throw new ArgumentException($"The symbol '{text}' is there already.", nameof(training));
            // A symbol that is reserved already keeps its id and changes its kind.
            foreach (var reserved in (ReadOnlySpan<ReservedPiece>)[training.Begin, training.End, training.Padding])
            {
                if (reserved.Text != text || reserved.Id < 0) continue;
                pieces[reserved.Id] = new SentencePiece(text, 0, kind);
                return;
            }

            while (pieces.ContainsKey(next)) next++;
            pieces[next] = new SentencePiece(text, 0, kind);
        }
    }
}
