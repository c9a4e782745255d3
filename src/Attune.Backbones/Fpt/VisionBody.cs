using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Fpt;

/// <summary>The blocks of a vision transformer over given vectors: positions of its own, no class token, no patches.</summary>
internal sealed class VisionBody : Module, ISequenceBackbone, IHasMixers
{
    private readonly Parameter _positions;
    private readonly Stack _stack;
    private readonly float _dropout;

    /// <summary>Declares the blocks.</summary>
    public VisionBody(JsonFields config, float dropout)
    {
        Width = config.Extent("embed_dim");
        _dropout = dropout;
        config.RequireOnly("activation", "gelu (erf)");
        int inner = Width * config.Extent("mlp_ratio", 4);
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-6f);
        Initializer normal = Initializer.Normal(0.02f);
        var attention = new AttentionShape(Width, config.Heads("num_heads", Width)) { Packed = true, Bias = config.Bool("qkv_bias", true), Dropout = dropout };
        _positions = Own("positions", [1, config.Extent("position_rows", 1024), Width], Initializer.Zeros, ParameterRole.Position);
        Block[] blocks = [.. Enumerable.Range(0, config.Layers("depth")).Select(_ => new Block(
            new SelfAttention(attention), new Norm(Width, epsilon),
            new FeedForward(new Linear(Width, inner, normal), new Linear(inner, Width, normal), Activation.Gelu, dropout),
            new Norm(Width, epsilon), NormPlacement.Before, dropout))];
        _stack = Own("layers", new Stack(blocks, new Norm(Width, epsilon)));
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => _positions.Shape[1];

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings) => _stack.ReplaceMixers(new MixerReplacement(settings, Capabilities, MaxLength), Width);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no vectors, or a sequence is longer than there are positions.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        Tensor x = batch.Features ?? throw new ArgumentException("This body reads vectors; the batch has none.", nameof(batch));
        if (batch.Segments.MaxLength > MaxLength)
            throw new ArgumentException($"A sequence of {batch.Segments.MaxLength} vectors does not fit this model, which has {MaxLength} positions.", nameof(batch));
        int[] places = new int[batch.Rows];
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            for (int i = 0; i < batch.Segments.Length(s); i++)
                places[batch.Segments.Start(s) + i] = i;
        }
        Tensor table = _positions.Value.Reshape([_positions.Shape[1], Width]);
        x = pass.Tape.Dropout(pass.Tape.Add(x, pass.Tape.Embedding(table, places)), _dropout);
        return new BackboneOutput { Hidden = _stack.Forward(pass, x, new MixerContext(batch.Segments)), Batch = batch };
    }
}
