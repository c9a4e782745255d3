using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>A learned linear map with an optional bias and activation: <c>activation(x W^T + b)</c>.</summary>
public sealed class Linear : Module
{
    private readonly WeightLayout _layout;

    /// <summary>Declares the map.</summary>
    /// <param name="inputs">The width of its input.</param>
    /// <param name="outputs">The width of its output.</param>
    /// <param name="initializer">What the weight starts from; the bias starts at zero.</param>
    /// <param name="bias">Whether it has a bias.</param>
    /// <param name="layout">How the weight is stored: <c>[out, in]</c>, or <c>[in, out]</c> as GPT does.</param>
    public Linear(int inputs, int outputs, Initializer initializer, bool bias = true, WeightLayout layout = WeightLayout.OutIn)
    {
        _layout = layout;
        Shape shape = layout == WeightLayout.OutIn ? [outputs, inputs] : [inputs, outputs];
        Weight = Own("weight", shape, initializer, ParameterRole.Weight);
        if (bias)
            Bias = Own("bias", [outputs], Initializer.Zeros, ParameterRole.Bias);
    }

    /// <summary>The matrix.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, <c>[out]</c>, if there is one.</summary>
    public Parameter? Bias { get; }

    /// <summary>Maps rows <c>[rows, in]</c> to <c>[rows, out]</c>.</summary>
    public Tensor Forward(Tape tape, Tensor x, Activation activation = Activation.None) =>
        tape.Linear(x, Weight.Value, Bias?.Value, activation, _layout);
}
