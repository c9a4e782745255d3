using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Kernels.Residual;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Dropout (Srivastava et al. 2014), alone and with the residual connection that usually follows.</summary>
/// <remarks>
/// Element <c>i</c> of row <c>r</c> is dropped as a function of the step's randomness, the operation and the row's number in the whole
/// batch (<see cref="Tape.RowOffset"/>); no mask is stored.
/// </remarks>
public static unsafe class DropoutOperation
{
    /// <summary>
    /// While training, sets elements to zero with <paramref name="probability"/> and divides the others by 1 - probability; else returns
    /// <paramref name="x"/> itself.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is not at least 0 and below 1.</exception>
    public static Tensor Dropout(this Tape tape, Tensor x, float probability)
    {
        DropoutMask mask = NextMask(tape, nameof(Dropout), probability);
        return mask.IsActive ? Add(tape, x, null, mask) : x;
    }

    /// <summary><paramref name="residual"/> + dropout(<paramref name="x"/>) in one pass.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not at least 0 and below 1.</exception>
    public static Tensor AddDropout(this Tape tape, Tensor x, Tensor residual, float dropout)
    {
        if (x.Shape != residual.Shape)
            throw new ArgumentException($"AddDropout: x {x.Shape} and residual {residual.Shape} must have the same shape.", nameof(residual));
        return Add(tape, x, residual, NextMask(tape, nameof(AddDropout), dropout));
    }

    /// <summary>The mask of one operation of this step; inactive unless the tape is training.</summary>
    internal static DropoutMask NextMask(Tape tape, string operation, float probability)
    {
        if (!(probability >= 0 && probability < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, $"{operation}: a dropout probability must be at least 0 and below 1.");
        }
        return tape.Training && probability > 0 ? new DropoutMask(tape.NextStream(), probability) : default;
    }

    private static Tensor Add(Tape tape, Tensor x, Tensor? residual, DropoutMask mask)
    {
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient || residual is { RequiresGradient: true });
        if (!tape.Computes())
            return output;
        long firstIndex = tape.RowOffset * x.Shape.Width;
        Apply(x.Pointer, residual is null ? null : residual.Pointer, mask, firstIndex, output.Pointer, x.Count);
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            if (residual is { RequiresGradient: true })
            {
                float* target = residual.Gradient!.Target(out bool accumulate);
                Apply(gradient, accumulate ? target : null, default, 0, target, x.Count);
            }
            if (x.RequiresGradient)
            {
                float* target = x.Gradient!.Target(out bool accumulate);
                Apply(gradient, accumulate ? target : null, mask, firstIndex, target, x.Count);
            }
        });
        return output;
    }

    private static void Apply(float* input, float* residual, DropoutMask mask, long firstIndex, float* output, long count) =>
        LaneKernel.Run(new ResidualForward
        {
            Input = input,
            Residual = residual,
            Dropout = mask,
            FirstIndex = firstIndex,
            Output = output,
            Count = count,
        });
}
