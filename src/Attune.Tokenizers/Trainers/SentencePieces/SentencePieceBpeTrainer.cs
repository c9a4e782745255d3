namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>SentencePiece's byte-pair training: again and again, the most frequent pair of neighbours becomes a piece.</summary>
/// <remarks>
/// Of equally frequent pairs the shorter comes first, then the one with the smaller code points. Overlapping pairs count at every
/// place and merge from the left. Two pairs that spell the same text are two symbols; only the first of them becomes a piece, and the
/// other is never merged.
/// </remarks>
internal sealed class SentencePieceBpeTrainer
{
    private readonly PieceRules _rules;
    private readonly IReadOnlyList<TrainingSentence> _words;
    private readonly PairSymbol?[][] _symbols;
    private readonly Dictionary<int, PairSymbol> _characters = [];
    private readonly Dictionary<(PairSymbol, PairSymbol), PairSymbol?> _pairs = [];
    private readonly StandardHeap<(long Count, PairSymbol Symbol)> _queue = new(IsLess);
    private readonly List<PairSymbol> _pending = [];

    private SentencePieceBpeTrainer(IReadOnlyList<TrainingSentence> words, PieceRules rules)
    {
        (_words, _rules) = (words, rules);
        _symbols = [.. words.Select(w => w.Text.Select(Character).ToArray())];
    }

    /// <summary>Learns pieces of two characters and more.</summary>
    /// <param name="words">The words, most frequent first.</param>
    /// <param name="rules">Which texts may be pieces.</param>
    /// <param name="size">How many pieces to learn at most.</param>
    /// <param name="cancellation">Ends the training early.</param>
    /// <returns>The pieces in the order in which they were learned.</returns>
    public static List<string> Train(IReadOnlyList<TrainingSentence> words, PieceRules rules, int size, CancellationToken cancellation)
    {
        var trainer = new SentencePieceBpeTrainer(words, rules);
        for (var word = 0; word < words.Count; word++)
        {
            for (var i = 1; i < trainer._symbols[word].Length; i++) trainer.AddPair(word, i - 1, i);
        }

        trainer.QueuePending();
        var pieces = new List<string>();
        var known = new HashSet<string>();
        while (pieces.Count < size && trainer.TakeBest() is { } best)
        {
            cancellation.ThrowIfCancellationRequested();
            best.IsDone = true;
            var text = PieceText.Spell(best.Text);
            if (known.Add(text))
            {
                pieces.Add(text);
                trainer.Merge(best);
                trainer.QueuePending();
            }

            trainer._pairs.Remove((best.Left!, best.Right!));
        }

        return pieces;
    }

    private static bool IsLess((long Count, PairSymbol Symbol) a, (long Count, PairSymbol Symbol) b)
    {
        if (a.Count != b.Count) return a.Count < b.Count;
        if (a.Symbol.Text.Length != b.Symbol.Text.Length) return a.Symbol.Text.Length > b.Symbol.Text.Length;
        return a.Symbol.Text.AsSpan().SequenceCompareTo(b.Symbol.Text) > 0;
    }

    private PairSymbol Character(int c)
    {
        if (!_characters.TryGetValue(c, out var symbol)) _characters[c] = symbol = new PairSymbol(null, null, [c]);
        return symbol;
    }

    // Null where the two may not become a piece together.
    private PairSymbol? Pair(PairSymbol left, PairSymbol right)
    {
        if (_pairs.TryGetValue((left, right), out var known)) return known;
        int[] text = [.. left.Text, .. right.Text];
        var pair = _rules.Allows(text) ? new PairSymbol(left, right, text) : null;
        _pairs[(left, right)] = pair;
        return pair;
    }

    private void AddPair(int word, int left, int right)
    {
        if (left < 0 || right < 0 || Pair(_symbols[word][left]!, _symbols[word][right]!) is not { } pair) return;
        pair.Places.Add(new PairPlace(word, left, right));
        if (pair.IsPending) return;
        pair.IsPending = true;
        _pending.Add(pair);
    }

    private void QueuePending()
    {
        foreach (var pair in _pending)
        {
            pair.IsPending = false;
            if (pair.IsDone) continue;
            Recount(pair);
            _queue.Push((pair.Count, pair));
        }

        _pending.Clear();
    }

    private PairSymbol? TakeBest()
    {
        while (_queue.TryPop(out var top))
        {
            var symbol = top.Symbol;
            if (symbol.IsDone || top.Count != symbol.Count) continue;
            if (!symbol.IsStale) return symbol;
            Recount(symbol);
            _queue.Push((symbol.Count, symbol));
        }

        return null;
    }

    private void Recount(PairSymbol pair)
    {
        if (!pair.IsStale) return;
        pair.Places.RemoveAll(p => _symbols[p.Word][p.Left] != pair.Left || _symbols[p.Word][p.Right] != pair.Right);
        pair.Count = pair.Places.Sum(p => _words[p.Word].Count);
        pair.IsStale = false;
    }

    private void Merge(PairSymbol best)
    {
        best.Places.Sort();
        foreach (var (word, left, right) in best.Places)
        {
            var symbols = _symbols[word];
            // Of two places that overlap, the left one has taken what the right one begins with.
            if (symbols[left] is null) continue;
            var next = Array.FindIndex(symbols, right + 1, s => s is not null);
            var before = left == 0 ? -1 : Array.FindLastIndex(symbols, left - 1, s => s is not null);
            MakeStale(symbols, before, left, best);
            MakeStale(symbols, right, next, best);
            symbols[left] = best;
            symbols[right] = null;
            AddPair(word, before, left);
            AddPair(word, left, next);
        }

        best.Places = [];
    }

    private void MakeStale(PairSymbol?[] symbols, int left, int right, PairSymbol best)
    {
        if (left >= 0 && right >= 0 && Pair(symbols[left]!, symbols[right]!) is { } pair && pair != best) pair.IsStale = true;
    }
}
