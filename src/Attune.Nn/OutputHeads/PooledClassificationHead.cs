using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>A linear classifier of the backbone's pooled vector: sequence classes, sentence pairs, or one score a choice.</summary>
public sealed class PooledClassificationHead : Module, ISequenceHead
{
    private readonly Linear _classifier;
    private readonly float _dropout;

    /// <summary>Declares the classifier.</summary>
    /// <param name="kind">Which head it is.</param>
    /// <param name="width">The backbone's width.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="dropout">The dropout before it.</param>
    /// <param name="initializer">What the weight starts from.</param>
    /// <param name="bias">Whether each class has a bias.</param>
    public PooledClassificationHead(HeadKind kind, int width, int classes, float dropout, Initializer initializer, bool bias = true)
    {
        Kind = kind;
        _dropout = dropout;
        _classifier = Own("classifier", new Linear(width, classes, initializer, bias));
    }

    /// <inheritdoc/>
    public HeadKind Kind { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The backbone has no pooler.</exception>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Tensor pooled = output.Pooled ?? throw new InvalidOperationException($"A '{Kind}' head needs a backbone with a pooler.");
        return _classifier.Forward(pass.Tape, pass.Tape.Dropout(pooled, _dropout));
    }
}
