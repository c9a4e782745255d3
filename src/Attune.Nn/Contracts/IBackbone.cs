using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Contracts;

/// <summary>The body of a model: everything but the heads. One of the three independent axes.</summary>
public interface IBackbone : Parameters.IModule
{
    /// <summary>What the backbone can do.</summary>
    Capabilities Capabilities { get; }

    /// <summary>The width of its output rows.</summary>
    int Width { get; }

    /// <summary>The longest sequence it takes; null if there is no limit.</summary>
    int? MaxLength { get; }
}

/// <summary>A backbone that turns a sequence into a vector for each of its positions.</summary>
public interface ISequenceBackbone : IBackbone
{
    /// <summary>Runs the backbone.</summary>
    /// <exception cref="ArgumentException">A sequence is too long, or an id is out of range.</exception>
    BackboneOutput Forward(Pass pass, TokenBatch batch);
}

/// <summary>A backbone whose decoder reads what its encoder made of another sequence.</summary>
public interface IEncoderDecoder : IBackbone
{
    /// <summary>The longest sequence that the decoder takes; null if there is no limit.</summary>
    int? MaxTargetLength => MaxLength;

    /// <summary>Runs the encoder.</summary>
    BackboneOutput Encode(Pass pass, TokenBatch source);

    /// <summary>Runs the decoder. Sequence <c>s</c> of the target reads sequence <c>s</c> of the source.</summary>
    BackboneOutput Decode(Pass pass, TokenBatch target, BackboneOutput source);
}

/// <summary>A backbone whose token table heads can share (tied output).</summary>
public interface IHasTokenTable
{
    /// <summary>The token table, <c>[vocabulary, embedding width]</c>.</summary>
    Parameters.Parameter TokenTable { get; }
}

/// <summary>What a backbone gives.</summary>
public sealed record BackboneOutput
{
    /// <summary>A vector for each row: <c>[rows, width]</c>.</summary>
    public required Tensor Hidden { get; init; }

    /// <summary>A vector for each sequence, <c>[sequences, width]</c>, if the backbone has a pooler.</summary>
    public Tensor? Pooled { get; init; }

    /// <summary>The output of each block, that of the last with any final norm; empty if the backbone is not made of common blocks.</summary>
    public IReadOnlyList<Tensor> Layers { get; init; } = [];

    /// <summary>The batch that was read.</summary>
    public required TokenBatch Batch { get; init; }

    /// <summary>What was added for the loss on the way, such as a router's balance; null if nothing.</summary>
    public Tensor? AuxiliaryLoss { get; init; }

    /// <summary>What the next segments will read of these, if the batch asked for it; it lives as long as the pass.</summary>
    public SegmentMemory? Memory { get; init; }

    /// <summary>The encoder's output, where there was one.</summary>
    public BackboneOutput? Encoder { get; init; }

    /// <summary>What this output and its encoder's add to the loss together; null if nothing.</summary>
    public Tensor? AllAuxiliaryLoss(Tape tape) => (AuxiliaryLoss, Encoder?.AllAuxiliaryLoss(tape)) switch
    {
        ({ } own, { } encoder) => tape.Add(own, encoder),
        (var own, var encoder) => own ?? encoder,
    };

    /// <summary>
    /// A loss together with what the backbone adds to it. Every objective and task ends its loss with this. Passes that do not record measure the
    /// loss alone, so that perplexities of models with and without such additions can be compared.
    /// </summary>
    public Tensor WithAuxiliaryLoss(Pass pass, Tensor loss) =>
        pass.Tape.Recording && AllAuxiliaryLoss(pass.Tape) is { } auxiliary ? pass.Tape.Add(loss, auxiliary) : loss;
}
