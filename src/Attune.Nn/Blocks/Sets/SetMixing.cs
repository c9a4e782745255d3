using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks.Sets;

/// <summary>A mixer in place of a set's attention, wired as that: a map to the block's width, which is also the residual, then a relu layer.</summary>
public sealed class SetMixing : Module, ISetBlock
{
    private readonly SetResidual _around;
    private readonly ISequenceMixer _mixer;

    /// <summary>Declares the block.</summary>
    /// <param name="inputs">The width of the elements.</param>
    /// <param name="width">The width of the result, and of the mixer.</param>
    /// <param name="layerNorm">Whether there are layer norms.</param>
    /// <param name="mixer">One that knows nothing of order.</param>
    public SetMixing(int inputs, int width, bool layerNorm, ISequenceMixer mixer)
    {
        _around = Own("around", new SetResidual(new SetShape(inputs, inputs, width, 1, layerNorm)));
        _mixer = Own("mixer", mixer);
    }

    /// <inheritdoc/>
    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets)
    {
        Tensor query = _around.Query(pass.Tape, rows);
        return (_around.Add(pass.Tape, query, _mixer.Mix(pass, query, new MixerContext(sets))), sets);
    }
}
