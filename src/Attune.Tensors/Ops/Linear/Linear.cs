using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Activation;
using Attune.Tensors.Kernels.Gemm;

namespace Attune.Tensors.Ops;

/// <summary>The linear layer with its bias and activation.</summary>
public static unsafe class LinearOperation
{
    /// <summary>Inputs or outputs below which a weight is always multiplied in float32.</summary>
    private const int LeastWidth = 16;

    /// <summary>activation(x Wᵀ + bias) for a weight [out, in], activation(x W + bias) for [in, out].</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">[.., in]</param>
    /// <param name="weight">[out, in] or [in, out], see <paramref name="layout"/>.</param>
    /// <param name="bias">[out], or null for none.</param>
    /// <param name="activation">Applied to the sum.</param>
    /// <param name="layout">How the weight lies.</param>
    /// <returns>[.., out]</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Linear(
        this Tape tape, Tensor x, Tensor weight, Tensor? bias = null, Activation activation = Activation.None,
        WeightLayout layout = WeightLayout.OutIn)
    {
        (int width, int outWidth) = Check(nameof(Linear), x, weight, bias, layout);
        bool weightWanted = weight.RequiresGradient, biasWanted = bias is { RequiresGradient: true };
        Tensor output = tape.Allocate(x.Shape.WithWidth(outWidth), x.RequiresGradient || weightWanted || biasWanted);
        int rows = width == 0 ? 0 : checked((int)(x.Count / width));
        if (!tape.Computes((long)rows * width * outWidth))
            return output;

        float* argument = output.Gradient is not null && Activations.SlopeTakesArgument(activation) ? tape.Arena.Allocate(output.Count) : null;
        Precision precision = PrecisionOf(tape, width, outWidth);
        FixedOperand? packed = tape.FixedWeights ? weight.Packed?.For(weight, layout, precision) : null;
        // A packed weight is not read itself: it may have no memory.
        var matrix = new MatrixView(packed is null ? weight.Pointer : null, weight.Shape[0], weight.Shape[1]);
        Activations.Multiply(
            activation, precision, new MatrixView(x.Pointer, rows, width), layout == WeightLayout.OutIn ? matrix.Transposed : matrix,
            packed, new MatrixView(output.Pointer, rows, outWidth), bias is null ? null : bias.Pointer, argument);
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            long partialCount = biasWanted ? (long)ColumnPartials.Pieces(rows) * outWidth : 0;
            float* partials = biasWanted ? tape.Arena.Allocate(partialCount) : null;
            if (activation != Activation.None || biasWanted)
            {
                // Nobody reads the output's gradient after this operation, so it can become the gradient before the activation.
                Activations.Backward(
                    activation, argument is null ? output.Pointer : argument, gradient, activation == Activation.None ? null : gradient,
                    false, partials, rows, outWidth);
            }
            if (biasWanted)
            {
                float* target = bias!.Gradient!.Target(out bool accumulate);
                ColumnPartials.Combine(partials, ColumnPartials.Pieces(rows), outWidth, outWidth, target, accumulate);
                tape.Arena.Release(partials, partialCount);
            }
            var gradients = new MatrixView(gradient, rows, outWidth);
            var inputs = new MatrixView(x.Pointer, rows, width);
            var weights = new MatrixView(weight.Pointer, weight.Shape[0], weight.Shape[1]);
            if (x.RequiresGradient)
            {
                float* target = x.Gradient!.Target(out bool accumulate);
                Gemm.Multiply(
                    precision, gradients, layout == WeightLayout.OutIn ? weights : weights.Transposed, new MatrixView(target, rows, width),
                    accumulate, default(NoEpilogue));
            }
            if (weightWanted)
            {
                float* target = weight.Gradient!.Target(out bool accumulate);
                var targets = new MatrixView(target, weights.Rows, weights.Columns);
                if (layout == WeightLayout.OutIn)
                    Gemm.Multiply(precision, gradients.Transposed, inputs, targets, accumulate, default(NoEpilogue));
                else
                    Gemm.Multiply(precision, inputs.Transposed, gradients, targets, accumulate, default(NoEpilogue));
            }
        });
        return output;
    }

    /// <summary>
    /// The arithmetic of products with a weight: the tape's, unless the weight is so small that nothing could be gained, such as that of
    /// a classifier, whose few numbers decide everything.
    /// </summary>
    internal static Precision PrecisionOf(Tape tape, int width, int outWidth) =>
        width >= LeastWidth && outWidth >= LeastWidth ? tape.Precision : Precision.Float32;

    /// <summary>Checks shapes; returns the weight's inputs and outputs.</summary>
    internal static (int In, int Out) Check(string operation, Tensor x, Tensor weight, Tensor? bias, WeightLayout layout)
    {
        if (x.Shape.Rank == 0 || weight.Shape.Rank != 2)
            throw new ArgumentException($"{operation}: x must be [.., in] and weight have two axes; they are {x.Shape} and {weight.Shape}.", nameof(weight));
        (int outWidth, int width) = layout == WeightLayout.OutIn ? (weight.Shape[0], weight.Shape[1]) : (weight.Shape[1], weight.Shape[0]);
        if (x.Shape.Width != width)
        {
            throw new ArgumentException(
                $"{operation}: x {x.Shape} must have the {width} columns that the weight {weight.Shape} ({(layout == WeightLayout.OutIn ? "[out, in]" : "[in, out]")}) takes.",
                nameof(x));
        }
        if (bias is not null && (bias.Shape.Rank != 1 || bias.Shape[0] != outWidth))
            throw new ArgumentException($"{operation}: bias must be [{outWidth}], the outputs of the weight {weight.Shape}; it is {bias.Shape}.", nameof(bias));
        return (width, outWidth);
    }
}
