using System.Globalization;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Backbones.SetTransformer;

/// <summary>Set blocks one after another.</summary>
internal sealed class SetStack : Module, ISetBlock
{
    private readonly ISetBlock[] _blocks;

    public SetStack(ISetBlock[] blocks)
    {
        _blocks = blocks;
        foreach ((int number, ISetBlock block) in blocks.Index())
            Own(number.ToString(CultureInfo.InvariantCulture), block);
    }

    public (Tensor Rows, Segments Sets) Forward(Tape tape, Tensor rows, Segments sets)
    {
        foreach (ISetBlock block in _blocks)
            (rows, sets) = block.Forward(tape, rows, sets);
        return (rows, sets);
    }
}
