using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>Tells original tokens (0) from replaced ones (1) at every position (ELECTRA; Clark et al. 2020, arXiv:2003.10555).</summary>
public sealed class ReplacedTokenHead : Module, ITokenHead
{
    private readonly Linear _dense;
    private readonly Linear _prediction;
    private readonly Activation _activation;

    /// <summary>Declares both layers.</summary>
    public ReplacedTokenHead(int width, Activation activation, Initializer initializer)
    {
        _activation = activation;
        _dense = Own("dense", new Linear(width, width, initializer));
        _prediction = Own("prediction", new Linear(width, 1, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.ReplacedToken;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output) =>
        _prediction.Forward(pass.Tape, _dense.Forward(pass.Tape, output.Hidden, _activation));

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0)
    {
        (int[] rows, int[] kept) = LabelledRows.Of(labels.Span);
        Tensor logits = Logits(pass, output);
        if (rows.Length < labels.Length)
            logits = pass.Tape.GatherRows(logits, rows);
        Tensor targets = Tensor.From(logits.Shape, [.. kept.Select(label => (float)label)]);
        return pass.Tape.BinaryCrossEntropyWithLogits(logits, targets);
    }
}
