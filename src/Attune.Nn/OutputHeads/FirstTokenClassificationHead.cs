using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>A classifier of each sequence's first row, or a score for it as a choice, with a hidden layer of its own: RoBERTa, DistilBERT, ELECTRA.</summary>
public sealed class FirstTokenClassificationHead : Module, ISequenceHead
{
    private readonly Linear _dense;
    private readonly Linear _output;
    private readonly Activation _activation;
    private readonly float _dropout;
    private readonly bool _dropsInput;

    /// <summary>Declares both layers.</summary>
    /// <param name="width">The backbone's width.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="activation">Between the layers.</param>
    /// <param name="dropout">The dropout before the output layer.</param>
    /// <param name="dropsInput">Whether the same dropout stands before the hidden layer, too.</param>
    /// <param name="initializer">What the weights start from.</param>
    public FirstTokenClassificationHead(
        int width, int classes, Activation activation, float dropout, bool dropsInput, Initializer initializer)
    {
        _activation = activation;
        _dropout = dropout;
        _dropsInput = dropsInput;
        _dense = Own("dense", new Linear(width, width, initializer));
        _output = Own("output", new Linear(width, classes, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind { get; init; } = HeadKind.SequenceClassification;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Tensor x = Pooler.FirstRows(pass.Tape, output.Hidden, output.Batch.Segments);
        x = _dense.Forward(pass.Tape, pass.Tape.Dropout(x, _dropsInput ? _dropout : 0), _activation);
        return _output.Forward(pass.Tape, pass.Tape.Dropout(x, _dropout));
    }
}
