using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Activation;

namespace Attune.Tensors.Ops;

/// <summary>An activation on its own (a linear layer applies its activation itself).</summary>
public static unsafe class ActivateOperation
{
    /// <summary>Applies <paramref name="activation"/> to every element.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">Any shape.</param>
    /// <param name="activation">The function.</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    public static Tensor Activate(this Tape tape, Tensor x, Activation activation)
    {
        if (activation == Activation.None)
            return x;
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        Activations.Forward(activation, x.Pointer, output.Pointer, x.Count);
        tape.Record(output, () =>
        {
            float* kept = Activations.SlopeTakesArgument(activation) ? x.Pointer : output.Pointer;
            float* target = x.Gradient!.Target(out bool accumulate);
            Activations.Backward(activation, kept, output.Gradient!.Pointer, target, accumulate, null, x.Shape.Rows, x.Shape.Width);
        });
        return output;
    }
}
