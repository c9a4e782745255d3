using System.Globalization;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Backbones.SetTransformer;

/// <summary>Set blocks one after another.</summary>
internal sealed class SetStack : Module, ISetBlock
{
    private readonly ISetBlock[] _blocks;
    private readonly bool _layerNorm;

    /// <summary>Puts a stack together.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="layerNorm">Whether blocks in their places have layer norms, too.</param>
    public SetStack(ISetBlock[] blocks, bool layerNorm)
    {
        (_blocks, _layerNorm) = (blocks, layerNorm);
        foreach ((int number, ISetBlock block) in blocks.Index())
            Own(number.ToString(CultureInfo.InvariantCulture), block);
    }

    /// <summary>Puts blocks with other mixers in the places of all blocks, which map elements to elements.</summary>
    public void ReplaceMixers(MixerReplacement replacement, int inputs, int width)
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            var block = new SetMixing(i == 0 ? inputs : width, width, _layerNorm, replacement.For(_blocks[i], width));
            _blocks[i] = Replace(i.ToString(CultureInfo.InvariantCulture), block);
        }
    }

    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets)
    {
        foreach (ISetBlock block in _blocks)
            (rows, sets) = block.Forward(pass, rows, sets);
        return (rows, sets);
    }
}
