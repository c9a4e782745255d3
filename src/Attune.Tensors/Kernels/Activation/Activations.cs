using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>Chooses the kernel of an activation.</summary>
internal static unsafe class Activations
{
    /// <summary>Whether the backward pass needs the activation's argument rather than its value.</summary>
    public static bool SlopeTakesArgument(Ops.Activation activation) =>
        activation is Ops.Activation.Gelu or Ops.Activation.GeluNew or Ops.Activation.GeluQuick or Ops.Activation.Silu;

    /// <summary>output = f(input + bias); <paramref name="biased"/> = input + bias if not null.</summary>
    public static void Forward(Ops.Activation activation, float* input, float* bias, float* biased, float* output, int rows, int width)
    {
        switch (activation)
        {
            case Ops.Activation.None: Forward<IdentityFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.Relu: Forward<ReluFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.Gelu: Forward<GeluFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.GeluNew: Forward<GeluNewFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.GeluQuick: Forward<GeluQuickFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.Silu: Forward<SiluFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.Tanh: Forward<TanhFunction>(input, bias, biased, output, rows, width); break;
            case Ops.Activation.Sigmoid: Forward<SigmoidFunction>(input, bias, biased, output, rows, width); break;
            default: throw Unknown(activation);
        }
    }

    /// <summary>
    /// inputGradient (=|+=) outputGradient * slope(kept), and partial sums over rows (see <see cref="ColumnPartials"/>) if
    /// <paramref name="partials"/> is not null.
    /// </summary>
    public static void Backward(
        Ops.Activation activation, float* kept, float* outputGradient, float* inputGradient, bool accumulate, float* partials, int rows, int width)
    {
        switch (activation)
        {
            case Ops.Activation.None: Backward<IdentityFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.Relu: Backward<ReluFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.Gelu: Backward<GeluFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.GeluNew: Backward<GeluNewFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.GeluQuick: Backward<GeluQuickFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.Silu: Backward<SiluFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.Tanh: Backward<TanhFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            case Ops.Activation.Sigmoid: Backward<SigmoidFunction>(kept, outputGradient, inputGradient, accumulate, partials, rows, width); break;
            default: throw Unknown(activation);
        }
    }

    private static void Forward<TFunction>(float* input, float* bias, float* biased, float* output, int rows, int width)
        where TFunction : struct, IActivationFunction =>
        LaneKernel.Run(new ActivationForward<TFunction>
        {
            Input = input,
            Bias = bias,
            Biased = biased,
            Output = output,
            Rows = rows,
            Width = width,
        });

    private static void Backward<TFunction>(
        float* kept, float* outputGradient, float* inputGradient, bool accumulate, float* partials, int rows, int width)
        where TFunction : struct, IActivationFunction =>
        LaneKernel.Run(new ActivationBackward<TFunction>
        {
            Kept = kept,
            OutputGradient = outputGradient,
            InputGradient = inputGradient,
            Accumulate = accumulate,
            Partials = partials,
            Rows = rows,
            Width = width,
        });

    private static ArgumentOutOfRangeException Unknown(Ops.Activation activation) =>
        new(nameof(activation), activation, "There is no such activation.");
}
