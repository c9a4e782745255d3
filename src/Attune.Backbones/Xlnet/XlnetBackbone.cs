using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Xlnet;

/// <summary>What an XLNet is like besides its parts.</summary>
/// <param name="Width">The width of its rows.</param>
/// <param name="Causal">Whether a position must not see what follows it.</param>
internal sealed record XlnetShape(int Width, bool Causal)
{
    /// <summary>The rows of earlier segments that are kept; null is all.</summary>
    public int? MemoryLength { get; init; }

    /// <summary>How many rows of a segment, from its first on, are kept; null is all.</summary>
    public int? ReuseLength { get; init; }

    /// <summary>The distance beyond which all are alike; null if there is none.</summary>
    public int? Clamp { get; init; }

    /// <summary>Whether rows of a causal model read equally many rows.</summary>
    public bool SameLength { get; init; }

    /// <summary>Whether the second half of a batch is read from its end.</summary>
    public bool BothDirections { get; init; }

    /// <summary>The dropout of embeddings, positions and result.</summary>
    public float Dropout { get; init; }
}

/// <summary>
/// A stack with two streams (Yang et al. 2019, arXiv:1906.08237): rows that hold their token, and rows that are to predict it, which start alike and
/// read the first ones. Both go through the same blocks, one after the other in one tensor; only attention knows them apart.
/// </summary>
internal sealed class XlnetBackbone : Module, ISequenceBackbone, IHasTokenTable, IHasMixers
{
    private readonly XlnetShape _shape;
    private readonly TokenEmbedding _embedding;
    private readonly Parameter _target;
    private readonly Stack _stack;
    private bool _relative = true;
    private AddedPositions? _positions;

    /// <summary>Puts a backbone together.</summary>
    public XlnetBackbone(XlnetShape shape, TokenEmbedding embedding, Initializer initializer, Stack stack)
    {
        _shape = shape;
        _embedding = Own("embedding", embedding);
        _target = Own("target", [1, 1, shape.Width], initializer, ParameterRole.Embedding);
        _stack = Own("layers", stack);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => (_shape.Causal ? Capabilities.Causal : Capabilities.Bidirectional)
        | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | (_stack.OfMixers & XlnetFamily.OfMixers);

    /// <inheritdoc/>
    public int Width => _shape.Width;

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    public Parameter TokenTable => _embedding.Tokens;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        var replacement = new MixerReplacement(settings, Capabilities, null);
        _stack.ReplaceMixers(replacement, Width);
        _positions = replacement.KnowsOrder ? null : new AddedPositions(Width, _embedding.Spread);
        _relative = false;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The batch carries a decoding state, which attention by distances cannot use.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        if (batch.State is not null && _relative)
            throw new NotSupportedException("A single stack with relative positions cannot decode step by step; run whole sequences.");
        Tensor x = _embedding.Forward(pass.Tape, batch);
        x = _positions?.Add(pass.Tape, x, batch) ?? x;
        if (batch.Targets is { } targets)
            x = pass.Tape.Concat(0, x, Targets(pass, batch, targets));
        x = pass.Tape.Dropout(x, _shape.Dropout);
        bool remembers = Capabilities.HasFlag(Capabilities.Memory);
        SegmentMemory? memory = remembers ? batch.Memory : null;
        List<Tensor>? inputs = remembers && batch.KeepsMemory ? [] : null;
        if (_relative)
            x = _stack.Forward(pass, x, Context(batch) with { Relative = Pairs(pass, batch) }, memory, inputs);
        else if (batch.Targets is not null || batch.PairMask is { IsEmpty: false })
            x = new XlnetRows(batch, _shape).Forward(pass, x, _stack);
        else
            x = _stack.Forward(pass, x, Context(batch), memory, inputs);
        x = pass.Tape.Dropout(x, _shape.Dropout);
        batch.State?.Advance(batch.Segments);
        return new BackboneOutput
        {
            Hidden = batch.Targets is null ? x : pass.Tape.Slice(x, 0, batch.Rows, x.Shape[0] - batch.Rows),
            Batch = batch,
            Memory = inputs is null ? null
                : SegmentMemory.Next(pass.Tape, batch.Memory, inputs, batch.Segments, _shape.MemoryLength, _shape.ReuseLength),
        };
    }

    private MixerContext Context(TokenBatch batch) =>
        new(batch.Segments) { Causal = _shape.Causal, KeyMask = batch.KeyMask ?? default, State = batch.State };

    // They start alike, but for their places if mixers need to be told those.
    private Tensor Targets(Pass pass, TokenBatch batch, TargetRows targets)
    {
        Tensor alike = pass.Tape.Expand(_target.Value.Reshape([1, Width]), [targets.Segments.Rows, Width]);
        if (_positions is null)
            return alike;
        int[] places = new int[targets.Segments.Rows];
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            for (int row = targets.Segments.Start(s); row < targets.Segments.Start(s) + targets.Segments.Length(s); row++)
                places[row] = batch.Positions?.Span[targets.Rows.Span[row]] ?? targets.Rows.Span[row] - batch.Segments.Start(s);
        }
        return _positions.Add(pass.Tape, alike, batch with { Segments = targets.Segments, Positions = places });
    }

    private RelativePairs Pairs(Pass pass, TokenBatch batch)
    {
        Segments? memory = batch.Memory?.Segments;
        DistanceRange range = _shape.BothDirections ? DistanceRange.Mirrored : _shape.Causal ? DistanceRange.Behind : DistanceRange.BothSides;
        var pairs = new RelativePairs(batch, memory, range);
        var visibility = new XlnetVisibility(batch, _shape);
        bool Backwards(int sequence) => _shape.BothDirections && sequence >= batch.Segments.Count / 2;
        pairs.Add(batch.Segments, null, visibility.OfContent, Backwards, batch.TypeIds);
        if (batch.Targets is { } targets)
            pairs.Add(targets.Segments, targets.Rows, visibility.OfTarget, Backwards, batch.TypeIds);
        return pairs.WithPositions(pass.Tape.Dropout(pairs.Sinusoids(Width, _shape.Clamp), _shape.Dropout));
    }
}
