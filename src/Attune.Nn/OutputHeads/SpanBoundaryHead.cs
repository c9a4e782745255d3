using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>The shape of a <see cref="SpanBoundaryHead"/>.</summary>
/// <param name="Width">The backbone's width.</param>
/// <param name="PlaceWidth">The width of the vectors of places in a span.</param>
/// <param name="MaxTargets">The number of places.</param>
/// <param name="Epsilon">The epsilon of its norms.</param>
/// <param name="Activation">Of its two layers.</param>
public sealed record BoundaryShape(int Width, int PlaceWidth, int MaxTargets, float Epsilon, Activation Activation)
{
    /// <summary>The block whose rows are read: from 0, or back from the last, -1.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>What the weights start from.</summary>
    public Initializer Initializer { get; init; } = Initializer.Normal(0.02f);
}

/// <summary>
/// SpanBERT's span boundary objective (Joshi et al. 2020, arXiv:1907.10529): both boundaries and a vector of the place, side by side, pass two
/// layers with activation and norm, then the product with the token table.
/// </summary>
public sealed class SpanBoundaryHead : Module, IBoundaryHead
{
    private readonly BoundaryShape _shape;
    private readonly Parameter _places;
    private readonly Linear _first;
    private readonly Norm _firstNorm;
    private readonly Linear _second;
    private readonly Norm _secondNorm;
    private readonly Parameter _table;
    private readonly Parameter _bias;

    /// <summary>Declares both layers.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="table">The output table, <c>[vocabulary, width]</c>: the backbone's own if tied.</param>
    /// <param name="tied">Whether the table belongs to the backbone, which saves it.</param>
    public SpanBoundaryHead(BoundaryShape shape, Parameter table, bool tied)
    {
        _shape = shape;
        int width = shape.Width;
        _places = Own("places", [shape.MaxTargets, shape.PlaceWidth], shape.Initializer, ParameterRole.Embedding);
        _first = Own("first", new Linear(checked(2 * width + shape.PlaceWidth), width, shape.Initializer));
        _firstNorm = Own("firstNorm", new Norm(width, shape.Epsilon));
        _second = Own("second", new Linear(width, width, shape.Initializer));
        _secondNorm = Own("secondNorm", new Norm(width, shape.Epsilon));
        _table = tied ? table : Own("table", table);
        _bias = Own("bias", [table.Shape[0]], Initializer.Zeros, ParameterRole.Bias);
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SpanBoundary;

    /// <inheritdoc/>
    public int MaxTargets => _shape.MaxTargets;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output, BoundaryTargets targets) =>
        pass.Tape.Linear(Transform(pass.Tape, output, targets), _table.Value, _bias.Value);

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, BackboneOutput output, BoundaryTargets targets)
    {
        Tensor sum = pass.Tape.LinearCrossEntropy(
            Transform(pass.Tape, output, targets), _table.Value, _bias.Value, targets.Labels, reduction: LossReduction.Sum);
        return pass.Tape.Scale(sum, 1f / (targets.Labels.Length + 1));
    }

    private Tensor Transform(Tape tape, BackboneOutput output, BoundaryTargets targets)
    {
        Tensor hidden = RowsOf(output);
        Tensor x = tape.Concat(
            1, tape.GatherRows(hidden, targets.Left), tape.GatherRows(hidden, targets.Right), tape.Embedding(_places.Value, targets.Places));
        x = _firstNorm.Forward(tape, _first.Forward(tape, x, _shape.Activation));
        return _secondNorm.Forward(tape, _second.Forward(tape, x, _shape.Activation));
    }

    private Tensor RowsOf(BackboneOutput output)
    {
        if (_shape.Layer == -1)
            return output.Hidden;
        int layers = output.Layers.Count, layer = _shape.Layer < 0 ? layers + _shape.Layer : _shape.Layer;
        return (uint)layer < (uint)layers
            ? output.Layers[layer]
            : throw new InvalidOperationException($"This head reads block {_shape.Layer}; the backbone gives the rows of {layers} blocks.");
    }
}
