namespace Attune.Tokenizers.Loading;

/// <summary>Finds the merges that a SentencePiece BPE vocabulary stands for: its file holds pieces and their ranks only.</summary>
internal static class SentencePieceMerges
{
    // A longer piece would be cut into more pairs than any real vocabulary holds.
    private const int MaxPieceLength = 512;

    /// <summary>All pairs of pieces that make a piece, best pieces first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">Its pieces' ids.</param>
    public static List<(string Left, string Right)> Derive(SentencePieceModel model, Dictionary<string, int> ids)
    {
        var skipped = model.Pieces.Where(p => p.Kind is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined).Select(p => p.Text).ToHashSet();
        var found = new List<(string Left, string Right, float Score)>();
        foreach (var piece in model.Pieces)
        {
            if (skipped.Contains(piece.Text) || piece.Text.Length > MaxPieceLength) continue;
            var pairs = new List<(string Left, string Right, float Score)>();
            for (var cut = 1; cut < piece.Text.Length; cut++)
            {
                if (char.IsLowSurrogate(piece.Text[cut])) continue;
                var (left, right) = (piece.Text[..cut], piece.Text[cut..]);
                if (ids.ContainsKey(left) && ids.ContainsKey(right) && !skipped.Contains(left) && !skipped.Contains(right)) pairs.Add((left, right, piece.Score));
            }

            found.AddRange(pairs.OrderBy(p => ids[p.Left]).ThenBy(p => ids[p.Right]));
        }

        return [.. found.OrderByDescending(p => p.Score).ThenByDescending(p => Length(p.Left)).ThenByDescending(p => Length(p.Right)).Select(p => (p.Left, p.Right))];
    }

    private static int Length(string text) => text.Count(c => !char.IsLowSurrogate(c));
}
