using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

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
    public (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets)
    {
        (Tensor seeds, Segments seedSets) = LearnedSet.Repeated(tape, _seeds, sets.Count);
        return (_attention.Forward(tape, seeds, seedSets, rows, sets), seedSets);
    }
}
