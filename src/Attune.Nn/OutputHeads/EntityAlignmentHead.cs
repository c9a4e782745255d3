using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>
/// Compares token rows with the vectors of entities (Zhang et al. 2019, arXiv:1905.07129): a layer to the entities' width, activation, norm,
/// then the product with each candidate.
/// </summary>
public sealed class EntityAlignmentHead : Module, IEntityHead
{
    private readonly Linear _dense;
    private readonly Norm _norm;
    private readonly Activation _activation;

    /// <summary>Declares the layer.</summary>
    /// <param name="width">The backbone's width.</param>
    /// <param name="entityWidth">The entities'.</param>
    /// <param name="activation">Of the layer.</param>
    /// <param name="epsilon">The epsilon of its norm.</param>
    /// <param name="initializer">What the weight starts from.</param>
    public EntityAlignmentHead(int width, int entityWidth, Activation activation, float epsilon, Initializer initializer)
    {
        _activation = activation;
        _dense = Own("dense", new Linear(width, entityWidth, initializer));
        _norm = Own("norm", new Norm(entityWidth, epsilon));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.EntityAlignment;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, Tensor rows, Tensor entities) =>
        pass.Tape.Linear(_norm.Forward(pass.Tape, _dense.Forward(pass.Tape, rows, _activation)), entities, null);
}
