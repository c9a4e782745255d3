using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>A vector for a sequence: a dense layer with tanh over its first row (BERT).</summary>
public sealed class Pooler : Module
{
    private readonly Linear _dense;

    /// <summary>Declares the layer.</summary>
    public Pooler(int width, Initializer initializer) => _dense = Own("dense", new Linear(width, width, initializer));

    /// <summary>Gives <c>[sequences, width]</c> from <c>[rows, width]</c>.</summary>
    public Tensor Forward(Tape tape, Tensor hidden, Segments segments) =>
        _dense.Forward(tape, FirstRows(tape, hidden, segments), Activation.Tanh);

    /// <summary>The first row of each sequence: <c>[sequences, width]</c>.</summary>
    internal static Tensor FirstRows(Tape tape, Tensor hidden, Segments segments) =>
        tape.GatherRows(hidden, segments.Offsets[..segments.Count].ToArray());
}
