using Attune.Nn.Blocks;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Backbones.SetTransformer;

/// <summary>The encoder of a set: a row for each element, which knows nothing of its place.</summary>
internal sealed class SetBackbone : Module, ISequenceBackbone, IHasMixers
{
    private readonly TokenEmbedding? _embedding;
    private readonly ISetBlock _encoder;
    private readonly int _inputs;

    /// <summary>Puts the backbone together.</summary>
    /// <param name="embedding">From tokens to elements; null if elements are given as vectors.</param>
    /// <param name="encoder">Works on the elements.</param>
    /// <param name="inputs">The width of an element.</param>
    /// <param name="width">The width of its rows.</param>
    public SetBackbone(TokenEmbedding? embedding, Module encoder, int inputs, int width)
    {
        (Width, _inputs) = (width, inputs);
        _embedding = embedding is null ? null : Own("embedding", embedding);
        _encoder = (ISetBlock)Own("encoder", encoder);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.ReplaceableEmbeddings | Capabilities.Unordered | (_embedding is null ? Capabilities.None : Capabilities.Tokens);

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings) => (_encoder as SetStack
        ?? throw new ArgumentException("This encoder takes the mean of a set's elements; it has no mixers that can be replaced.", nameof(settings)))
        .ReplaceMixers(new MixerReplacement(settings, Capabilities, MaxLength), _inputs, Width);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no vectors, and the model no tokens; or the vectors are of another width.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        Tensor elements = batch.Features ?? _embedding?.Forward(pass.Tape, batch)
            ?? throw new ArgumentException("This model reads vectors, and the batch has none; give it a vocab_size to read tokens.", nameof(batch));
        if (elements.Shape.Width != _inputs)
            throw new ArgumentException($"Elements have {_inputs} numbers in this model; those given have {elements.Shape.Width}.", nameof(batch));
        (Tensor rows, _) = _encoder.Forward(pass, elements, batch.Segments);
        return new BackboneOutput { Hidden = rows, Batch = batch };
    }
}
