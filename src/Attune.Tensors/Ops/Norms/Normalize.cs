using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Unit vectors.</summary>
public static unsafe class NormalizeOperation
{
    /// <summary>Divides each row (last axis) by its Euclidean length, or by <paramref name="epsilon"/> if it is shorter.</summary>
    public static Tensor Normalize(this Tape tape, Tensor x, float epsilon = 1e-12f)
    {
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        int rows = x.Shape.Rows, width = x.Shape.Width;
        UnitRows.Forward(x.Pointer, rows, width, epsilon, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            UnitRows.Backward(x.Pointer, output.Pointer, output.Gradient!.Pointer, rows, width, epsilon, target, accumulate);
        });
        return output;
    }
}
