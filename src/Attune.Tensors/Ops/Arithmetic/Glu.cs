using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>The gated linear unit.</summary>
public static unsafe class GluOperation
{
    /// <summary>
    /// <c>a * sigmoid(b)</c> where a and b are the halves of the last axis: <c>[.., 2 n]</c> to <c>[.., n]</c> (Dauphin et al. 2017,
    /// arXiv:1612.08083).
    /// </summary>
    /// <exception cref="ArgumentException">The last extent is odd, or <paramref name="x"/> is a scalar.</exception>
    public static Tensor Glu(this Tape tape, Tensor x)
    {
        int axis = ShapeRules.Axis(nameof(Glu), x.Shape, -1);
        if (x.Shape.Width % 2 != 0)
            throw new ArgumentException($"Glu: the last extent of {x.Shape} must be even, one half for the values and one for the gates.", nameof(x));
        int width = x.Shape.Width / 2;
        Tensor output = tape.Allocate(ShapeRules.With(x.Shape, axis, width), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        int rows = output.Shape.Rows;
        GatedLinearUnit.Forward(x.Pointer, rows, width, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            GatedLinearUnit.Backward(x.Pointer, output.Gradient!.Pointer, rows, width, target, accumulate);
        });
        return output;
    }
}
