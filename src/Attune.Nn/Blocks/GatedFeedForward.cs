using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>A feed-forward whose inner values are scaled by an activated gate: <c>down(activation(gate(x)) * up(x))</c> (Shazeer 2020, arXiv:2002.05202).</summary>
public sealed class GatedFeedForward : Module, IFeedForward
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Activation _activation;
    private readonly float _dropout;

    /// <summary>Puts it together from its three maps.</summary>
    /// <param name="gate">From the model's width to the inner width.</param>
    /// <param name="up">The same again.</param>
    /// <param name="down">Back.</param>
    /// <param name="activation">Of the gate.</param>
    /// <param name="dropout">The dropout of the inner values.</param>
    public GatedFeedForward(Linear gate, Linear up, Linear down, Activation activation, float dropout = 0)
    {
        _gate = Own("gate", gate);
        _up = Own("value", up);
        _down = Own("down", down);
        _activation = activation;
        _dropout = dropout;
    }

    /// <inheritdoc/>
    public Tensor Forward(Pass pass, Tensor x, MixerContext context)
    {
        Tape tape = pass.Tape;
        Tensor inner = tape.Multiply(_gate.Forward(tape, x, _activation), _up.Forward(tape, x));
        return _down.Forward(tape, tape.Dropout(inner, _dropout));
    }
}
