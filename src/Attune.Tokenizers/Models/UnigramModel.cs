using System.Globalization;
using System.Text.Json;

namespace Attune.Tokenizers.Models;

/// <summary>Unigram language model: of all ways to put a piece together, the one with the greatest sum of scores.</summary>
/// <remarks>Kudo, https://arxiv.org/abs/1804.10959.</remarks>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;

    private readonly IReadOnlyList<(string Token, double Score)> _pieces;
    private readonly TokenTrie _trie = new();
    private readonly int? _unknownId;
    private readonly double _unknownScore;
    private readonly int[]? _byteIds;

    /// <summary>Makes the model.</summary>
    /// <param name="pieces">Tokens in order of ids, with their scores (log probabilities).</param>
    /// <param name="unknownId">The id for unknown characters, or null.</param>
    /// <param name="byteFallback">Whether unknown characters are spelled as bytes, where the vocabulary has those.</param>
    public UnigramModel(IReadOnlyList<(string Token, double Score)> pieces, int? unknownId, bool byteFallback)
    {
        (_pieces, _unknownId) = (pieces, unknownId);
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Token.Length > 0) _trie.Add(pieces[id].Token, id);
        }

        Vocabulary = new Vocabulary([.. pieces.Select(p => p.Token)]);
        _unknownScore = (pieces.Count == 0 ? 0 : pieces.Min(p => p.Score)) - UnknownPenalty;
        if (byteFallback) _byteIds = [.. Enumerable.Range(0, 256).Select(b => Vocabulary.Find($"<0x{b:X2}>"))];
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>The tokens in order of ids, with their scores.</summary>
    public IReadOnlyList<(string Token, double Score)> Pieces => _pieces;

    public void Tokenize(ReadOnlySpan<char> piece, TokenOutput output)
    {
        var scratch = output.Unigram;
        var paths = scratch.Reset(piece.Length + 1);
        for (var start = 0; start < piece.Length;)
        {
            var single = char.IsHighSurrogate(piece[start]) && start + 1 < piece.Length ? 2 : 1;
            var score = paths[start].Score;
            var hasSingle = false;
            var node = 0;
            for (var end = start; end < piece.Length;)
            {
                node = _trie.Next(node, piece[end]);
                if (node == 0) break;
                end++;
                var id = _trie.ValueOf(node);
                if (id < 0) continue;
                Offer(ref paths[end], id, start, score + _pieces[id].Score);
                hasSingle |= end - start == single;
            }

            if (!hasSingle)
            {
                if (_unknownId is not { } unknown) throw new TokenizationException("The text holds an unknown character, and the model has no unknown token.");
                Offer(ref paths[start + single], unknown, start, score + _unknownScore);
            }

            start += single;
        }

        WalkBack(piece, paths, scratch.Tokens);
        for (var i = scratch.Tokens.Count - 1; i >= 0; i--) Emit(piece, scratch.Tokens[i], output);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Unigram");
        if (_unknownId is { } unknown) writer.WriteNumber("unk_id", unknown);
        else writer.WriteNull("unk_id");
        writer.WriteStartArray("vocab");
        foreach (var (token, score) in _pieces)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(token);
            // A whole number keeps its point, since the published reader wants a float.
            writer.WriteRawValue(score == Math.Floor(score) && Math.Abs(score) < 1e15 ? score.ToString("F1", CultureInfo.InvariantCulture) : score.ToString("R", CultureInfo.InvariantCulture));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("byte_fallback", _byteIds is not null);
        writer.WriteEndObject();
    }

    private static void Offer(ref BestPath path, int id, int start, double score)
    {
        if (path.Start >= 0 && score <= path.Score) return;
        path = new BestPath(id, start, score);
    }

    // From the end to the beginning; neighbouring unknown characters become one token.
    private void WalkBack(ReadOnlySpan<char> piece, ReadOnlySpan<BestPath> paths, List<(int Id, int Start, int End)> tokens)
    {
        for (var end = piece.Length; end > 0;)
        {
            var (id, start, _) = paths[end];
            if (id == _unknownId && tokens.Count > 0 && tokens[^1].Id == id) tokens[^1] = (id, start, tokens[^1].End);
            else tokens.Add((id, start, end));
            end = start;
        }
    }

    private void Emit(ReadOnlySpan<char> piece, (int Id, int Start, int End) token, TokenOutput output)
    {
        var surface = piece[token.Start..token.End];
        if (token.Id != _unknownId)
        {
            output.Add(token.Id, token.Start, token.End);
            return;
        }

        // Joined unknown characters may spell a token after all, such as the unknown token's own name.
        var known = Vocabulary.Find(surface);
        if (known >= 0) output.Add(known, token.Start, token.End);
        else if (!TryAddBytes(surface, token.Start, token.End, output)) output.Add(token.Id, token.Start, token.End, output.WantsSpellings ? surface.ToString() : null);
    }

    private bool TryAddBytes(ReadOnlySpan<char> surface, int start, int end, TokenOutput output)
    {
        if (_byteIds is null) return false;
        var bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(surface)];
        System.Text.Encoding.UTF8.GetBytes(surface, bytes);
        if (bytes.Any(b => _byteIds[b] < 0)) return false;
        foreach (var b in bytes) output.Add(_byteIds[b], start, end);
        return true;
    }
}
