using System.Collections.Concurrent;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;

namespace Attune.Tokenizers;

/// <summary>The whole pipeline of a <c>tokenizer.json</c>: added tokens, normalizer, pre-tokenizer, model, post-processor, decoder.</summary>
/// <remarks>
/// Safe for concurrent use: any number of threads may encode and decode with one instance at once. Each encoding takes its buffers
/// from a pool.
/// </remarks>
public sealed partial class Tokenizer : ITokenizer
{
    private readonly TokenizerPipeline _pipeline;
    private readonly ISegmenter? _segmenter;
    private readonly SpecialFrame? _frame;
    private readonly ConcurrentBag<PipelineWorkspace> _tracked = [];
    private readonly ConcurrentBag<PipelineWorkspace> _untracked = [];

    internal Tokenizer(TokenizerPipeline pipeline, TokenizerSettings settings)
    {
        (_pipeline, Settings) = (pipeline, settings);
        _frame = pipeline.PostProcessor is { } processor ? processor.Frame : SpecialFrame.None;
        Special = SpecialTokenNames.Find(this, settings);
        if (pipeline.Added.Normalized.IsEmpty) _segmenter = (ISegmenter?)ByteLevelSegmenter.For(pipeline) ?? (ISegmenter?)WordSegmenter.For(pipeline) ?? SpaceSegmenter.For(pipeline);
    }

    /// <inheritdoc/>
    public int VocabularySize => _pipeline.Model.Vocabulary.Count + _pipeline.Added.Extra;

    /// <inheritdoc/>
    public SpecialTokens Special { get; }

    /// <summary>The tokens that are found in texts before the model sees them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _pipeline.Added.Tokens;

    /// <summary>The truncation that the tokenizer's file asks for; it is applied only where it is passed to <see cref="Encode"/>.</summary>
    public Truncation? FileTruncation => Settings.Truncation;

    /// <summary>The padding that the tokenizer's file asks for; it is applied only where it is passed to <see cref="Encode"/>.</summary>
    public Padding? FilePadding => Settings.Padding;

    /// <summary>The longest text the model takes, by <c>tokenizer_config.json</c>; null where it does not say.</summary>
    public int? ModelMaxLength => Settings.ModelMaxLength;

    /// <summary>The side on which the model wants its padding, by <c>tokenizer_config.json</c>.</summary>
    public SequenceSide PaddingSide => Settings.PaddingSide;

    internal TokenizerSettings Settings { get; }

    internal TokenizerPipeline Pipeline => _pipeline;

    /// <inheritdoc/>
    public Encoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeSequences(EncodeText(text, 0), pair is null ? null : EncodeText(pair, 1), options ?? new EncodeOptions());
    }

    /// <inheritdoc/>
    public Encoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pairWords = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        return EncodeSequences(EncodeWordList(words, 0), pairWords is null ? null : EncodeWordList(pairWords, 1), options ?? new EncodeOptions());
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            var token = IdToToken(id);
            if (token is null || (skipSpecialTokens && _pipeline.Added.IsSpecial(token))) continue;
            tokens.Add(token);
        }

        if (_pipeline.Decoder is not { } decoder) return string.Join(' ', tokens);
        decoder.Decode(tokens);
        return string.Concat(tokens);
    }

    /// <inheritdoc/>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (_pipeline.Added.Find(token) is { } added) return added.Id;
        return _pipeline.Model.Vocabulary.Find(token) is >= 0 and var id ? id : null;
    }

    /// <inheritdoc/>
    public string? IdToToken(int id) => _pipeline.Added.Find(id)?.Content ?? _pipeline.Model.Vocabulary.TokenOf(id);

    /// <inheritdoc/>
    public bool IsSpecial(int id) => _pipeline.Added.Find(id) is { } token && _pipeline.Added.IsSpecial(token.Content);

    private EncodingColumns EncodeText(string text, int sequence)
    {
        var builder = new EncodingBuilder(sequence);
        EncodeTracked(text, builder, word: null);
        return builder.Build();
    }

    private EncodingColumns EncodeWordList(IReadOnlyList<string> words, int sequence)
    {
        var builder = new EncodingBuilder(sequence);
        for (var i = 0; i < words.Count; i++) EncodeTracked(words[i], builder, i);
        return builder.Build();
    }

    private void EncodeTracked(string text, EncodingBuilder builder, int? word)
    {
        if (!_tracked.TryTake(out var workspace)) workspace = new PipelineWorkspace(tracksOffsets: true, wantsSpellings: true);
        _pipeline.Split(text, workspace);
        var (pieces, output) = (workspace.Pieces, workspace.Output);
        for (var i = 0; i < pieces.Pieces.Length; i++)
        {
            var piece = pieces.Pieces[i];
            var chars = pieces.Text.Chars.Slice(piece.Start, piece.Length);
            if (piece.IsToken)
            {
                builder.Add(piece.TokenId, chars.ToString(), piece.Original, word ?? i);
                continue;
            }

            output.Clear();
            _pipeline.Model.Tokenize(chars, output);
            for (var t = 0; t < output.Ids.Count; t++)
            {
                var (id, start, end) = (output.Ids[t], output.Starts[t], output.Ends[t]);
                var token = output.Spellings[t] ?? _pipeline.Model.Vocabulary.TokenOf(id)!;
                builder.Add(id, token, pieces.Text.Cover(piece.Start + start, end - start), word ?? i);
            }
        }

        _tracked.Add(workspace);
    }

    private Encoding EncodeSequences(EncodingColumns first, EncodingColumns? second, EncodeOptions options)
    {
        EncodingDraft[] drafts = second is null ? [new(first)] : [new(first), new(second)];
        var added = options.AddSpecialTokens ? _pipeline.PostProcessor?.AddedTokens(drafts.Length > 1) ?? 0 : 0;
        if (options.Truncation is { } truncation) Truncator.Apply(drafts, truncation, added);
        for (var i = 0; i < drafts.Length; i++)
        {
            var sequence = i;
            drafts[i] = drafts[i].Select(c => c.WithSequenceId(sequence));
        }

        var parts = _pipeline.PostProcessor?.Process(drafts, options.AddSpecialTokens) ?? drafts;
        var merged = EncodingDraft.Merge(parts);
        if (options.Padding is { } padding) merged = Padder.Apply(merged, padding);
        return merged.Finish();
    }
}
