using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Something that works on sets: what it gives does not depend on the order of a set's rows, or moves with it.</summary>
public interface ISetBlock : IModule
{
    /// <summary>Maps sets of rows <c>[rows, width]</c> to sets.</summary>
    (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets);
}

/// <summary>Every element of a set reads all of them.</summary>
public sealed class SetSelfAttention : Module, ISetBlock
{
    private readonly SetAttention _attention;

    /// <summary>Declares the block.</summary>
    public SetSelfAttention(int inputs, int width, int heads, bool layerNorm) =>
        _attention = Own("attention", new SetAttention(new SetShape(inputs, inputs, width, heads, layerNorm)));

    /// <inheritdoc/>
    public (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets) =>
        (_attention.Forward(tape, rows, sets, rows, sets), sets);
}

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
    public (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets)
    {
        (Tensor points, Segments pointSets) = LearnedSet.Repeated(tape, _points, sets.Count);
        Tensor summary = _gather.Forward(tape, points, pointSets, rows, sets);
        return (_spread.Forward(tape, rows, sets, summary, pointSets), sets);
    }
}

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
