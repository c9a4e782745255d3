using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks.Sets;

/// <summary>A few learned seeds read all elements: a set becomes as many rows as there are seeds.</summary>
public sealed class SetPooling : Module, ISetBlock
{
    private readonly Parameter _seeds;
    private readonly SetAttention _attention;

    /// <summary>Declares the block.</summary>
    public SetPooling(int width, int heads, int seeds, bool layerNorm)
    {
        _seeds = Own("seeds", [1, seeds, width], LearnedSet.Initializer(seeds, width), ParameterRole.Embedding);
        _attention = Own("attention", new SetAttention(new SetShape(width, width, width, heads, layerNorm)));
    }

    /// <inheritdoc/>
    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets)
    {
        (Tensor seeds, Segments seedSets) = LearnedSet.Repeated(pass.Tape, _seeds, sets.Count);
        return (_attention.Forward(pass.Tape, seeds, seedSets, rows, sets), seedSets);
    }
}
