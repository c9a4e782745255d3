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
    /// <param name="heads">If not 0, the second of these is stored as two axes, <c>[heads, head width]</c> (XLNet).</param>
    public Linear(int inputs, int outputs, Initializer initializer, bool bias = true, WeightLayout layout = WeightLayout.OutIn, int heads = 0)
    {
        _layout = layout;
        (int first, int second) = layout == WeightLayout.OutIn ? (outputs, inputs) : (inputs, outputs);
        Shape shape = heads == 0 ? [first, second] : [first, heads, second / heads];
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
        tape.Linear(x, Matrix, Bias?.Value, activation, _layout);

    private Tensor Matrix => Weight.Shape.Rank == 2 ? Weight.Value : Weight.Value.Reshape([Weight.Shape[0], Weight.Shape[1] * Weight.Shape[2]]);
}
