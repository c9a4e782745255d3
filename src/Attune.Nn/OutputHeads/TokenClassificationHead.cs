using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>A linear classifier of each row.</summary>
public sealed class TokenClassificationHead : Module, ITokenHead
{
    private readonly Linear _classifier;
    private readonly float _dropout;

    /// <summary>Declares the classifier.</summary>
    public TokenClassificationHead(int width, int classes, float dropout, Initializer initializer)
    {
        _dropout = dropout;
        _classifier = Own("classifier", new Linear(width, classes, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.TokenClassification;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output) =>
        _classifier.Forward(pass.Tape, pass.Tape.Dropout(output.Hidden, _dropout));

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0) =>
        pass.Tape.CrossEntropy(Logits(pass, output), labels, Labels.Ignore, smoothing);
}
