using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>Chooses the kernel of an activation.</summary>
internal static unsafe class Activations
{
    /// <summary>Whether the backward pass needs the activation's argument rather than its value.</summary>
    public static bool SlopeTakesArgument(Ops.Activation activation) =>
        activation is Ops.Activation.Gelu or Ops.Activation.GeluNew or Ops.Activation.GeluQuick or Ops.Activation.Silu;

    /// <summary>
    /// C = f(A B + bias), each block while it is in the cache; A B + bias is kept in <paramref name="argument"/> if not null. If B was packed
    /// before, <paramref name="packed"/> is read instead of it, else the product is computed in <paramref name="precision"/>.
    /// </summary>
    public static void Multiply(
        Ops.Activation activation, Precision precision, in MatrixView a, in MatrixView b, FixedOperand? packed, in MatrixView c, float* bias, float* argument)
    {
        switch (activation)
        {
            case Ops.Activation.None when bias is null: Multiply(precision, a, b, packed, c, default(NoEpilogue)); break;
            case Ops.Activation.None: Multiply<IdentityFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.Relu: Multiply<ReluFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.Gelu: Multiply<GeluFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.GeluNew: Multiply<GeluNewFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.GeluQuick: Multiply<GeluQuickFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.Silu: Multiply<SiluFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.Tanh: Multiply<TanhFunction>(precision, a, b, packed, c, bias, argument); break;
            case Ops.Activation.Sigmoid: Multiply<SigmoidFunction>(precision, a, b, packed, c, bias, argument); break;
            default: throw Unknown(activation);
        }
    }

    /// <summary>output = f(input).</summary>
    public static void Forward(Ops.Activation activation, float* input, float* output, long count)
    {
        switch (activation)
        {
            case Ops.Activation.None: Forward<IdentityFunction>(input, output, count); break;
            case Ops.Activation.Relu: Forward<ReluFunction>(input, output, count); break;
            case Ops.Activation.Gelu: Forward<GeluFunction>(input, output, count); break;
            case Ops.Activation.GeluNew: Forward<GeluNewFunction>(input, output, count); break;
            case Ops.Activation.GeluQuick: Forward<GeluQuickFunction>(input, output, count); break;
            case Ops.Activation.Silu: Forward<SiluFunction>(input, output, count); break;
            case Ops.Activation.Tanh: Forward<TanhFunction>(input, output, count); break;
            case Ops.Activation.Sigmoid: Forward<SigmoidFunction>(input, output, count); break;
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

    private static void Multiply<TFunction>(
        Precision precision, in MatrixView a, in MatrixView b, FixedOperand? packed, in MatrixView c, float* bias, float* argument)
        where TFunction : struct, IActivationFunction =>
        Multiply(precision, a, b, packed, c, new BiasEpilogue<ValueOf<TFunction>>(bias, argument, c.Stride));

    private static void Multiply<TEpilogue>(
        Precision precision, in MatrixView a, in MatrixView b, FixedOperand? packed, in MatrixView c, in TEpilogue epilogue)
        where TEpilogue : struct, IEpilogue
    {
        if (packed is null)
            Gemm.Gemm.Multiply(precision, a, b, c, false, epilogue);
        else
            packed.Multiply(a, c, false, epilogue);
    }

    private static void Forward<TFunction>(float* input, float* output, long count)
        where TFunction : struct, IActivationFunction =>
        LaneKernel.Run(new ActivationForward<TFunction> { Input = input, Output = output, Count = count });

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

    /// <summary>The function alone, for the product's epilogue.</summary>
    private readonly struct ValueOf<TFunction> : ILaneFunction
        where TFunction : struct, IActivationFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply<T>(T x)
            where T : struct, ILanes<T> => TFunction.Value(x);
    }
}
