using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.TransfoXl;

/// <summary>What a Transformer-XL is like besides its parts.</summary>
/// <param name="Width">The width of its rows.</param>
/// <param name="MemoryLength">The rows of earlier segments that each block reads; where there were none, it reads as many zeros.</param>
/// <param name="Clamp">The distance beyond which all are alike; null if there is none.</param>
/// <param name="SameLength">Whether every row reads as many rows as the first one.</param>
/// <param name="Dropout">The dropout of embeddings, positions and result.</param>
internal sealed record TransfoXlShape(int Width, int MemoryLength, int? Clamp, bool SameLength, float Dropout);

/// <summary>A causal stack that reads what its blocks got for earlier segments (Dai et al. 2019, arXiv:1901.02860).</summary>
internal sealed class TransfoXlBackbone : Module, ISequenceBackbone, IHasMixers
{
    private readonly TransfoXlShape _shape;
    private readonly AdaptiveEmbedding _embedding;
    private readonly Stack _stack;
    private bool _relative = true;
    private AddedPositions? _positions;
    private Tensor _zeros = Tensor.WithoutMemory([0, 0]);
    private Known? _known;

    /// <summary>Puts a backbone together.</summary>
    /// <param name="shape">What it is like.</param>
    /// <param name="embedding">From ids to rows.</param>
    /// <param name="stack">Blocks of attention by distances.</param>
    /// <param name="shared">Biases that all blocks share; null if each has its own.</param>
    public TransfoXlBackbone(TransfoXlShape shape, AdaptiveEmbedding embedding, Stack stack, RelativeOptions? shared)
    {
        _shape = shape;
        _embedding = Own("embedding", embedding);
        if (shared is { ContentBias: { } content, PositionBias: { } position })
        {
            Own("contentBias", content);
            Own("positionBias", position);
        }
        _stack = Own("layers", stack);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings
        | (_shape.MemoryLength > 0 ? _stack.OfMixers & Capabilities.Memory : Capabilities.None);

    /// <inheritdoc/>
    public int Width => _shape.Width;

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        var replacement = new MixerReplacement(settings, Capabilities, null);
        _stack.ReplaceMixers(replacement, Width);
        _positions = replacement.KnowsOrder ? null : new AddedPositions(Width, _embedding.Spread);
        _relative = false;
        Remove("contentBias");
        Remove("positionBias");
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The batch carries a decoding state, which attention by distances cannot use.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        if (batch.State is not null && _relative)
            throw new NotSupportedException("A single stack with relative positions cannot decode step by step; run whole sequences.");
        Tensor x = batch.Features ?? _embedding.Forward(pass.Tape, batch.Ids);
        x = pass.Tape.Dropout(_positions?.Add(pass.Tape, x, batch) ?? x, _shape.Dropout);
        var context = new MixerContext(batch.Segments) { Causal = true, KeyMask = batch.KeyMask ?? default, State = batch.State };
        bool remembers = Capabilities.HasFlag(Capabilities.Memory);
        List<Tensor>? inputs = remembers && batch.KeepsMemory ? [] : null;
        SegmentMemory? memory = remembers ? batch.Memory : null;
        if (_relative)
        {
            memory ??= Zeros(batch.Segments.Count);
            context = context with { Relative = Pairs(pass, batch, memory?.Segments) };
        }
        x = pass.Tape.Dropout(_stack.Forward(pass, x, context, memory, inputs), _shape.Dropout);
        batch.State?.Advance(batch.Segments);
        return new BackboneOutput
        {
            Hidden = x,
            Batch = batch,
            Memory = inputs is null ? null : SegmentMemory.Next(pass.Tape, memory, inputs, batch.Segments, _shape.MemoryLength),
        };
    }

    private RelativePairs Pairs(Pass pass, TokenBatch batch, Segments? memory)
    {
        // Batches of a training have one form; who reads whom is worked out once for it.
        bool alike = batch.Positions is null && batch.KeyMask is not { IsEmpty: false };
        Known? known = _known;
        if (!alike || known is null || !known.Pairs.Fits(batch.Segments, memory))
        {
            var pairs = new RelativePairs(batch, memory, DistanceRange.Behind);
            pairs.Add(batch.Segments, null, Seeing(batch, memory), static _ => false, types: null);
            known = new Known(pairs, pairs.Sinusoids(Width, _shape.Clamp));
            if (alike)
                _known = known;
        }
        return known.Pairs.WithPositions(pass.Tape.Dropout(known.Positions, _shape.Dropout));
    }

    private RelativePairs.Sees Seeing(TokenBatch batch, Segments? memory)
    {
        ReadOnlyMemory<bool> visible = batch.KeyMask ?? default;
        return (sequence, row, key, distance) =>
        {
            int length = batch.Segments.Length(sequence), remembered = memory?.Length(sequence) ?? 0;
            // With this mask no row reads more than the first one.
            int reach = remembered + length - Math.Max(0, length + remembered - _shape.MemoryLength);
            return distance >= 0 && (!_shape.SameLength || distance < reach)
                && (visible.IsEmpty || key < 0 || visible.Span[batch.Segments.Start(sequence) + key]);
        };
    }

    private SegmentMemory? Zeros(int sequences)
    {
        if (_shape.MemoryLength == 0)
            return null;
        int rows = sequences * _shape.MemoryLength;
        Tensor zeros = _zeros;
        if (zeros.Shape[0] < rows)
            _zeros = zeros = Tensor.Zeros([rows, Width]);
        Tensor[] blocks = new Tensor[_stack.Depth];
        Array.Fill(blocks, zeros.DetachedRows(0, rows));
        return new SegmentMemory(blocks, Segments.Equal(sequences, _shape.MemoryLength));
    }

    private sealed record Known(RelativePairs Pairs, Tensor Positions);
}
