using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>Two linear maps with an activation between them.</summary>
public sealed class FeedForward : Module, IFeedForward
{
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Activation _activation;
    private readonly float _dropout;

    /// <summary>Puts it together from its two maps.</summary>
    /// <param name="up">From the model's width to the inner width.</param>
    /// <param name="down">Back.</param>
    /// <param name="activation">Applied between them.</param>
    /// <param name="dropout">The dropout after the activation.</param>
    public FeedForward(Linear up, Linear down, Activation activation, float dropout = 0)
    {
        _up = Own("up", up);
        _down = Own("down", down);
        _activation = activation;
        _dropout = dropout;
    }

    /// <inheritdoc/>
    public Tensor Forward(Pass pass, Tensor x, MixerContext context) => Forward(pass.Tape, x);

    /// <summary>Maps each row: <c>[rows, width]</c> to the same shape.</summary>
    internal Tensor Forward(Tape tape, Tensor x) => _down.Forward(tape, tape.Dropout(_up.Forward(tape, x, _activation), _dropout));
}
