using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Trainers;

/// <summary>Byte-pair training: again and again, the most frequent pair of neighbours becomes a token.</summary>
/// <remarks>
/// Of equally frequent pairs the one with the smaller ids comes first, so that a corpus gives one vocabulary. Pairs count at every
/// position, overlapping ones too, and merge from the left.
/// </remarks>
internal sealed class PairTrainer
{
    private readonly PairTrainerOptions _options;
    private readonly List<string> _tokens = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<int> _lengths = [];
    private readonly List<(List<int> Symbols, long Count)> _words = [];
    private readonly Dictionary<long, long> _counts = [];
    private readonly Dictionary<long, HashSet<int>> _places = [];
    private readonly PriorityQueue<long, (long Negative, long Pair)> _queue = new();

    private PairTrainer(PairTrainerOptions options) => _options = options;

    /// <summary>Trains on counted words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="cancellation">Ends the training early.</param>
    public static PairTrainerResult Train(IReadOnlyList<(string Word, long Count)> words, PairTrainerOptions options, CancellationToken cancellation = default)
    {
        var trainer = new PairTrainer(options);
        foreach (var token in options.SpecialTokens) trainer.Add(token, CountRunes(token));
        var alphabet = trainer.AddAlphabet(words);
        trainer.AddWords(words, alphabet);
        return new PairTrainerResult(trainer._tokens, trainer.Merge(cancellation));
    }

    private int Add(string token, int length)
    {
        if (_ids.TryGetValue(token, out var known)) return known;
        _ids[token] = _tokens.Count;
        _tokens.Add(token);
        _lengths.Add(length);
        return _tokens.Count - 1;
    }

    private HashSet<string> AddAlphabet(IReadOnlyList<(string Word, long Count)> words)
    {
        var counts = new Dictionary<string, long>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes()) CollectionsMarshal.GetValueRefOrAddDefault(counts, rune.ToString(), out _) += count;
        }

        foreach (var character in _options.InitialAlphabet) counts[character] = long.MaxValue;
        IEnumerable<string> kept = counts.Keys;
        if (_options.LimitAlphabet is { } limit && counts.Count > limit)
            kept = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, CodePointOrder.Instance).Take(limit).Select(c => c.Key);
        var alphabet = kept.ToHashSet();
        foreach (var character in alphabet.Order(CodePointOrder.Instance)) Add(character, 1);
        return alphabet;
    }

    private void AddWords(IReadOnlyList<(string Word, long Count)> words, HashSet<string> alphabet)
    {
        var spelled = words.Select(w => (Characters: Spell(w.Word, alphabet), w.Count)).ToArray();
        foreach (var marked in spelled.SelectMany(w => w.Characters).Distinct().Where(c => !_ids.ContainsKey(c)).Order(CodePointOrder.Instance)) Add(marked, 1);
        foreach (var (characters, count) in spelled) _words.Add(([.. characters.Select(c => _ids[c])], count));
    }

    // Characters outside of the alphabet vanish; the marks go by the place in the whole word.
    private List<string> Spell(string word, HashSet<string> alphabet)
    {
        var characters = new List<string>();
        var last = CountRunes(word) - 1;
        var index = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            var character = rune.ToString();
            if (alphabet.Contains(character))
                characters.Add(string.Concat(index == 0 ? "" : _options.ContinuingPrefix, character, index == last ? _options.EndSuffix : ""));
            index++;
        }

        return characters;
    }

    private List<(string, string, long)> Merge(CancellationToken cancellation)
    {
        var merges = new List<(string, string, long)>();
        for (var word = 0; word < _words.Count; word++) CountPairs(word, 1);
        foreach (var pair in _counts.Keys) Enqueue(pair);
        while (_tokens.Count < _options.VocabularySize && TryTakeBest(out var pair, out var count))
        {
            cancellation.ThrowIfCancellationRequested();
            if (count < Math.Max(1, _options.MinFrequency)) break;
            var (left, right) = ((int)(pair >> 32), (int)pair);
            var tail = _tokens[right];
            if (tail.StartsWith(_options.ContinuingPrefix, StringComparison.Ordinal)) tail = tail[_options.ContinuingPrefix.Length..];
            var merged = Add(_tokens[left] + tail, _lengths[left] + _lengths[right]);
            merges.Add((_tokens[left], _tokens[right], count));
            MergeEverywhere(pair, left, right, merged);
        }

        return merges;
    }

    private bool TryTakeBest(out long pair, out long count)
    {
        while (_queue.TryDequeue(out pair, out var priority))
        {
            count = _counts.GetValueOrDefault(pair);
            if (count == -priority.Negative && count > 0) return true;
        }

        count = 0;
        return false;
    }

    private void MergeEverywhere(long pair, int left, int right, int merged)
    {
        if (!_places.Remove(pair, out var places)) return;
        var before = new HashSet<long>();
        foreach (var word in places)
        {
            CountPairs(word, -1, before);
            MergeIn(_words[word].Symbols, left, right, merged);
            CountPairs(word, 1, before);
        }

        foreach (var changed in before) Enqueue(changed);
    }

    private static void MergeIn(List<int> symbols, int left, int right, int merged)
    {
        var kept = 0;
        for (var i = 0; i < symbols.Count; i++)
        {
            if (symbols[i] == left && i + 1 < symbols.Count && symbols[i + 1] == right)
            {
                symbols[kept++] = merged;
                i++;
            }
            else
            {
                symbols[kept++] = symbols[i];
            }
        }

        symbols.RemoveRange(kept, symbols.Count - kept);
    }

    private void CountPairs(int word, int sign, HashSet<long>? touched = null)
    {
        var (symbols, count) = _words[word];
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (!MayMerge(symbols[i], symbols[i + 1])) continue;
            var pair = ((long)symbols[i] << 32) | (uint)symbols[i + 1];
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += sign * count;
            touched?.Add(pair);
            if (sign < 0) continue;
            ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            (places ??= []).Add(word);
        }
    }

    private bool MayMerge(int left, int right)
    {
        var length = _lengths[left] + _lengths[right];
        return _options.MaxTokenLength is not { } limit || length == 2 || length < limit;
    }

    private void Enqueue(long pair)
    {
        var count = _counts.GetValueOrDefault(pair);
        if (count > 0) _queue.Enqueue(pair, (-count, pair));
    }

    private static int CountRunes(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }
}
