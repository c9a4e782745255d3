using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Every element reads a few learned points, which have read all elements: time is linear in the size of a set.</summary>
public sealed class InducedSetAttention : Module, ISetBlock
{
    private readonly Parameter _points;
    private readonly SetAttention _gather;
    private readonly SetAttention _spread;

    /// <summary>Declares the block.</summary>
    /// <param name="inputs">The width of the elements.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="points">The number of points.</param>
    /// <param name="layerNorm">Whether there are layer norms.</param>
    public InducedSetAttention(int inputs, int width, int heads, int points, bool layerNorm)
    {
        _points = Own("points", [1, points, width], LearnedSet.Initializer(points, width), ParameterRole.Embedding);
        _gather = Own("gather", new SetAttention(new SetShape(width, inputs, width, heads, layerNorm)));
        _spread = Own("spread", new SetAttention(new SetShape(inputs, width, width, heads, layerNorm)));
    }

    /// <inheritdoc/>
    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets)
    {
        (Tensor points, Segments pointSets) = LearnedSet.Repeated(pass.Tape, _points, sets.Count);
        Tensor summary = _gather.Forward(pass.Tape, points, pointSets, rows, sets);
        return (_spread.Forward(pass.Tape, rows, sets, summary, pointSets), sets);
    }
}
