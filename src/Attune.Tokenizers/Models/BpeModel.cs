using System.Text.Json;

namespace Attune.Tokenizers.Models;

/// <summary>Byte-pair encoding: symbols of a piece are merged pair by pair, the pair learned first coming first.</summary>
/// <remarks>Sennrich et al., https://arxiv.org/abs/1508.07909.</remarks>
internal sealed class BpeModel : ITokenModel
{
    // Below this many symbols looking through all pairs beats keeping a queue.
    private const int QueueFrom = 48;
    private const int FastChars = 0x200;

    private readonly BpeOptions _options;
    private readonly IReadOnlyList<(string Left, string Right)> _merges;
    private readonly MergeTable _table;
    private readonly int _unknownId = -1;
    private readonly int[]? _byteIds;
    private readonly int[] _singleIds = new int[FastChars];

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">Pairs of tokens in the order they were learned.</param>
    /// <param name="options">The kind of encoding.</param>
    /// <exception cref="ArgumentException">A merge names a token that the vocabulary lacks, or gives one.</exception>
    public BpeModel(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, BpeOptions options)
    {
        (Vocabulary, _merges, _options) = (vocabulary, merges, options);
        _table = new MergeTable(Resolve(vocabulary, merges, options.ContinuingSubwordPrefix?.Length ?? 0));
        if (options.UnknownToken is { } unknown) _unknownId = vocabulary.Find(unknown);
        if (options.ByteFallback) _byteIds = [.. Enumerable.Range(0, 256).Select(b => vocabulary.Find($"<0x{b:X2}>"))];
        Span<char> single = stackalloc char[1];
        for (var c = 0; c < FastChars; c++)
        {
            single[0] = (char)c;
            _singleIds[c] = vocabulary.Find(single);
        }
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>The kind of encoding.</summary>
    public BpeOptions Options => _options;

    public void Tokenize(ReadOnlySpan<char> piece, TokenOutput output)
    {
        if (_options.IgnoreMerges && Vocabulary.Find(piece) is >= 0 and var whole)
        {
            output.Add(whole, 0, piece.Length);
            return;
        }

        var scratch = output.Bpe;
        scratch.Clear();
        AddSymbols(piece, scratch);
        if (scratch.Count == 0) return;
        if (scratch.Count < QueueFrom) MergeBySearch(scratch.Symbols);
        else MergeByQueue(scratch);
        var symbols = scratch.Symbols;
        for (var i = 0; i >= 0; i = symbols[i].Next) output.Add(symbols[i].Id, symbols[i].Start, symbols[i].End);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BPE");
        if (_options.Dropout is { } dropout) writer.WriteNumber("dropout", dropout);
        else writer.WriteNull("dropout");
        writer.WriteStringOrNull("unk_token", _options.UnknownToken);
        writer.WriteStringOrNull("continuing_subword_prefix", _options.ContinuingSubwordPrefix);
        writer.WriteStringOrNull("end_of_word_suffix", _options.EndOfWordSuffix);
        writer.WriteBoolean("fuse_unk", _options.FuseUnknown);
        writer.WriteBoolean("byte_fallback", _options.ByteFallback);
        writer.WriteBoolean("ignore_merges", _options.IgnoreMerges);
        writer.WriteVocabulary(Vocabulary);
        writer.WriteStartArray("merges");
        foreach (var (left, right) in _merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static List<(int, int, int)> Resolve(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, int prefix)
    {
        var resolved = new List<(int, int, int)>(merges.Count);
        for (var i = 0; i < merges.Count; i++)
        {
            var (left, right) = merges[i];
            if (right.Length < prefix) throw new ArgumentException($"merge {i} ('{left} {right}') is shorter than the continuing prefix");
            var merged = string.Concat(left, right.AsSpan(prefix));
            resolved.Add((Find(left, i), Find(right, i), Find(merged, i)));
        }

        return resolved;

        int Find(string token, int merge) =>
            vocabulary.Find(token) is >= 0 and var id ? id : throw new ArgumentException($"merge {merge} needs the token '{token}', which the vocabulary lacks");
    }

    private void AddSymbols(ReadOnlySpan<char> piece, BpeScratch scratch)
    {
        var plain = string.IsNullOrEmpty(_options.ContinuingSubwordPrefix) && string.IsNullOrEmpty(_options.EndOfWordSuffix);
        var unknownStart = -1;
        for (var at = 0; at < piece.Length;)
        {
            var next = at + (char.IsHighSurrogate(piece[at]) && at + 1 < piece.Length ? 2 : 1);
            var id = plain ? FindSingle(piece[at..next]) : FindMarked(piece[at..next], at == 0, next == piece.Length);
            if (id >= 0)
            {
                if (unknownStart >= 0) scratch.Add(_unknownId, unknownStart, at);
                unknownStart = -1;
                scratch.Add(id, at, next);
            }
            else if (!TryAddBytes(piece[at..next], at, next, scratch) && _options.UnknownToken is { } unknown)
            {
                if (_unknownId < 0) throw new TokenizationException($"The text holds an unknown character, and the vocabulary lacks the unknown token '{unknown}'.");
                if (unknownStart >= 0 && !_options.FuseUnknown)
                {
                    scratch.Add(_unknownId, unknownStart, at);
                    unknownStart = -1;
                }

                if (unknownStart < 0) unknownStart = at;
            }

            at = next;
        }

        if (unknownStart >= 0) scratch.Add(_unknownId, unknownStart, piece.Length);
    }

    private int FindSingle(ReadOnlySpan<char> character) => character[0] < FastChars ? _singleIds[character[0]] : Vocabulary.Find(character);

    private int FindMarked(ReadOnlySpan<char> character, bool first, bool last)
    {
        var prefix = first ? "" : _options.ContinuingSubwordPrefix ?? "";
        var suffix = last ? _options.EndOfWordSuffix ?? "" : "";
        return Vocabulary.Find(string.Concat(prefix, character, suffix));
    }

    private bool TryAddBytes(ReadOnlySpan<char> character, int start, int end, BpeScratch scratch)
    {
        if (_byteIds is null) return false;
        Span<byte> bytes = stackalloc byte[4];
        var count = System.Text.Encoding.UTF8.GetBytes(character, bytes);
        foreach (var b in bytes[..count])
        {
            if (_byteIds[b] < 0) return false;
        }

        foreach (var b in bytes[..count]) scratch.Add(_byteIds[b], start, end);
        return true;
    }

    private void MergeBySearch(Span<BpeSymbol> symbols)
    {
        Span<int> ranks = stackalloc int[QueueFrom];
        Span<int> ids = stackalloc int[QueueFrom];
        for (var i = 0; i < symbols.Length - 1; i++) _table.TryFind(symbols[i].Id, symbols[i + 1].Id, out ranks[i], out ids[i]);
        ranks[symbols.Length - 1] = int.MaxValue;
        var count = symbols.Length;
        // The symbols move together as they merge, so that the search runs over a short dense array.
        while (count > 1)
        {
            var (best, rank) = (-1, int.MaxValue);
            for (var i = 0; i < count - 1; i++)
            {
                if (ranks[i] >= rank) continue;
                (best, rank) = (i, ranks[i]);
            }

            if (best < 0) break;
            symbols[best].Id = ids[best];
            symbols[best].End = symbols[best + 1].End;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
            ids[(best + 2)..count].CopyTo(ids[(best + 1)..]);
            count--;
            ranks[best] = int.MaxValue;
            if (best + 1 < count) _table.TryFind(symbols[best].Id, symbols[best + 1].Id, out ranks[best], out ids[best]);
            if (best > 0) _table.TryFind(symbols[best - 1].Id, symbols[best].Id, out ranks[best - 1], out ids[best - 1]);
        }

        for (var i = 0; i < count; i++) symbols[i].Next = i + 1 < count ? i + 1 : -1;
    }

    private void MergeByQueue(BpeScratch scratch)
    {
        var symbols = scratch.Symbols;
        var queue = scratch.Queue;
        queue.Clear();
        for (var i = 0; i < symbols.Length - 1; i++) Consider(i, i + 1, symbols);
        while (queue.TryDequeue(out var merge, out _))
        {
            // A merge that was queued is stale once either side has become something else.
            if (symbols[merge.Left].Id != merge.LeftId || symbols[merge.Left].Next != merge.Right || symbols[merge.Right].Id != merge.RightId) continue;
            ref var left = ref symbols[merge.Left];
            ref var right = ref symbols[merge.Right];
            left.Id = merge.Id;
            left.End = right.End;
            left.Next = right.Next;
            right.Id = -1;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = merge.Left;
                Consider(merge.Left, left.Next, symbols);
            }

            if (left.Previous >= 0) Consider(left.Previous, merge.Left, symbols);
        }

        void Consider(int left, int right, Span<BpeSymbol> chain)
        {
            if (_table.TryFind(chain[left].Id, chain[right].Id, out var rank, out var id))
                queue.Enqueue((left, right, id, chain[left].Id, chain[right].Id), (rank, left));
        }
    }
}
