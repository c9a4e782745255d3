using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Fpt;

/// <summary>New input layers in front of a body that reads vectors in place of token embeddings.</summary>
internal sealed class FptBackbone : Module, ISequenceBackbone, IHasMixers
{
    private readonly DenseNetwork? _network;
    private readonly Parameter? _table;
    private readonly ISequenceBackbone _body;

    /// <summary>Puts the backbone together. It has either a network or a table.</summary>
    /// <param name="network">From vectors to the body's rows.</param>
    /// <param name="table">From tokens to the body's rows.</param>
    /// <param name="body">The body.</param>
    public FptBackbone(DenseNetwork? network, Parameter? table, ISequenceBackbone body)
    {
        if (network is not null)
            _network = Own("input", network);
        if (table is not null)
            _table = Own("input.table", table);
        _body = Own("body", body);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        _body.Capabilities & (Capabilities.Causal | Capabilities.Bidirectional) | (_table is null ? Capabilities.ReplaceableEmbeddings : Capabilities.Tokens);

    /// <inheritdoc/>
    public int Width => _body.Width;

    /// <inheritdoc/>
    public int? MaxLength => _body.MaxLength;

    /// <summary>The body.</summary>
    public ISequenceBackbone Body => _body;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings) =>
        (_body as IHasMixers ?? throw new ArgumentException("The body of this model is a recurrence; it has no mixers that can be replaced.", nameof(settings)))
        .ReplaceMixers(settings);

    /// <summary>The body's rows of a batch of vectors or tokens.</summary>
    /// <exception cref="ArgumentException">The batch has tokens where vectors are read, or the other way round.</exception>
    public Tensor Read(Pass pass, TokenBatch batch)
    {
        if (_network is not null)
            return _network.Forward(pass.Tape, batch.Features ?? throw new ArgumentException("This model reads vectors; the batch has tokens.", nameof(batch)));
        return pass.Tape.Embedding(_table!.Value, batch.Ids);
    }

    /// <inheritdoc/>
    public BackboneOutput Forward(Pass pass, TokenBatch batch) => _body.Forward(pass, batch with { Features = Read(pass, batch) });
}
