using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Kernels.Norm;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>
/// Layer norm (Ba, Kiros and Hinton 2016, arXiv:1607.06450) and root mean square norm (Zhang and Sennrich 2019, arXiv:1910.07467) over
/// the last axis, alone or in one pass with dropout and the residual connection before them.
/// </summary>
public static unsafe class NormOperation
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">[.., width]</param>
    /// <param name="weight">[width], or null for ones.</param>
    /// <param name="bias">[width], or null for zeros.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentException">Weight or bias is not [width].</exception>
    public static Tensor LayerNorm(this Tape tape, Tensor x, Tensor? weight, Tensor? bias, float epsilon) =>
        Normalise(tape, nameof(LayerNorm), x, null, weight, bias, epsilon, 0, centred: true, keepSum: false).Normed;

    /// <summary>x / sqrt(mean(x²) + epsilon) * weight over the last axis.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">[.., width]</param>
    /// <param name="weight">[width], or null for ones.</param>
    /// <param name="epsilon">Added to the mean of squares.</param>
    /// <exception cref="ArgumentException">The weight is not [width].</exception>
    public static Tensor RmsNorm(this Tape tape, Tensor x, Tensor? weight, float epsilon) =>
        Normalise(tape, nameof(RmsNorm), x, null, weight, null, epsilon, 0, centred: false, keepSum: false).Normed;

    /// <summary>LayerNorm(residual + dropout(x)): the wiring of post-norm blocks, in one pass.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">[.., width]</param>
    /// <param name="residual">The shape of <paramref name="x"/>.</param>
    /// <param name="weight">[width], or null for ones.</param>
    /// <param name="bias">[width], or null for zeros.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="dropout">The probability to drop an element of <paramref name="x"/> while training.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not at least 0 and below 1.</exception>
    public static Tensor AddNorm(
        this Tape tape, Tensor x, Tensor residual, Tensor? weight, Tensor? bias, float epsilon, float dropout = 0) =>
        Normalise(tape, nameof(AddNorm), x, residual, weight, bias, epsilon, dropout, centred: true, keepSum: false).Normed;

    /// <summary>sum = residual + dropout(x) and LayerNorm(sum): the wiring of pre-norm blocks, in one pass.</summary>
    /// <inheritdoc cref="AddNorm"/>
    public static (Tensor Sum, Tensor Normed) AddThenNorm(
        this Tape tape, Tensor x, Tensor residual, Tensor? weight, Tensor? bias, float epsilon, float dropout = 0)
    {
        (Tensor? sum, Tensor normed) =
            Normalise(tape, nameof(AddThenNorm), x, residual, weight, bias, epsilon, dropout, centred: true, keepSum: true);
        return (sum!, normed);
    }

    /// <summary>RmsNorm(residual + dropout(x)) in one pass.</summary>
    /// <inheritdoc cref="AddNorm"/>
    public static Tensor AddRmsNorm(this Tape tape, Tensor x, Tensor residual, Tensor? weight, float epsilon, float dropout = 0) =>
        Normalise(tape, nameof(AddRmsNorm), x, residual, weight, null, epsilon, dropout, centred: false, keepSum: false).Normed;

    /// <summary>sum = residual + dropout(x) and RmsNorm(sum), in one pass.</summary>
    /// <inheritdoc cref="AddNorm"/>
    public static (Tensor Sum, Tensor Normed) AddThenRmsNorm(
        this Tape tape, Tensor x, Tensor residual, Tensor? weight, float epsilon, float dropout = 0)
    {
        (Tensor? sum, Tensor normed) =
            Normalise(tape, nameof(AddThenRmsNorm), x, residual, weight, null, epsilon, dropout, centred: false, keepSum: true);
        return (sum!, normed);
    }

    private static (Tensor? Sum, Tensor Normed) Normalise(
        Tape tape, string operation, Tensor x, Tensor? residual, Tensor? weight, Tensor? bias, float epsilon, float dropout,
        bool centred, bool keepSum)
    {
        Check(operation, x, residual, weight, bias);
        DropoutMask mask = DropoutOperation.NextMask(tape, operation, dropout);
        bool inputsWant = x.RequiresGradient || residual is { RequiresGradient: true };
        Tensor? sum = keepSum ? tape.Allocate(x.Shape, inputsWant) : null;
        Tensor normed = tape.Allocate(
            x.Shape, inputsWant || weight is { RequiresGradient: true } || bias is { RequiresGradient: true });
        if (!tape.Computes())
            return (sum, normed);

        int rows = x.Shape.Rows, width = x.Shape.Width;
        long firstIndex = tape.RowOffset * width;
        float* statistics = normed.Gradient is null ? null : tape.Arena.Allocate(2L * rows);
        LaneKernel.Run(new NormForward
        {
            Input = x.Pointer,
            Residual = residual is null ? null : residual.Pointer,
            Dropout = mask,
            FirstIndex = firstIndex,
            Weight = weight is null ? null : weight.Pointer,
            Bias = bias is null ? null : bias.Pointer,
            Epsilon = epsilon,
            Centred = centred,
            Sum = sum is null ? null : sum.Pointer,
            Output = normed.Pointer,
            Statistics = statistics,
            Rows = rows,
            Width = width,
        });
        if (sum is null)
            tape.Record(normed, Backward);
        else
            tape.Record([sum, normed], Backward);
        return (sum, normed);

        void Backward()
        {
            Gradient? weightGradient = weight is { RequiresGradient: true } ? weight.Gradient : null;
            Gradient? biasGradient = bias is { RequiresGradient: true } ? bias.Gradient : null;
            bool normedWritten = normed.Gradient is { Written: true };
            bool sums = normedWritten && (weightGradient is not null || biasGradient is not null);
            long partialCount = 2L * ColumnPartials.Pieces(rows) * width;
            var kernel = new NormBackward
            {
                Input = x.Pointer,
                Residual = residual is null ? null : residual.Pointer,
                Sum = sum is null ? null : sum.Pointer,
                Dropout = mask,
                FirstIndex = firstIndex,
                Weight = weight is null ? null : weight.Pointer,
                Centred = centred,
                Statistics = statistics,
                OutputGradient = normedWritten ? normed.Gradient!.Pointer : null,
                SumGradient = sum?.Gradient is { Written: true } sumGradient ? sumGradient.Pointer : null,
                Partials = sums ? tape.Arena.Allocate(partialCount) : null,
                Rows = rows,
                Width = width,
            };
            if (residual is { RequiresGradient: true })
                kernel.ResidualGradient = residual.Gradient!.Target(out kernel.AccumulateResidual);
            if (x.RequiresGradient)
                kernel.InputGradient = x.Gradient!.Target(out kernel.AccumulateInput);
            LaneKernel.Run(kernel);
            if (!sums)
                return;
            AddPartials(weightGradient, kernel.Partials, rows, width);
            AddPartials(biasGradient, kernel.Partials + width, rows, width);
            tape.Arena.Release(kernel.Partials, partialCount);
        }
    }

    private static void AddPartials(Gradient? gradient, float* partials, int rows, int width)
    {
        if (gradient is null)
            return;
        float* target = gradient.Target(out bool accumulate);
        ColumnPartials.Combine(partials, ColumnPartials.Pieces(rows), 2 * width, width, target, accumulate);
    }

    private static void Check(string operation, Tensor x, Tensor? residual, Tensor? weight, Tensor? bias)
    {
        if (x.Shape.Rank == 0 || x.Shape.Width == 0)
            throw new ArgumentException($"{operation}: x {x.Shape} has no last axis to normalise over.", nameof(x));
        if (residual is not null && residual.Shape != x.Shape)
            throw new ArgumentException($"{operation}: x {x.Shape} and residual {residual.Shape} must have the same shape.", nameof(residual));
        CheckVector(operation, "weight", weight, x.Shape.Width);
        CheckVector(operation, "bias", bias, x.Shape.Width);
    }

    private static void CheckVector(string operation, string name, Tensor? vector, int width)
    {
        if (vector is not null && (vector.Shape.Rank != 1 || vector.Shape.Width != width))
            throw new ArgumentException($"{operation}: {name} must be [{width}], the width of x; it is {vector.Shape}.", name);
    }
}
