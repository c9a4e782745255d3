using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Sums and means.</summary>
public static unsafe class SumOperation
{
    /// <summary>The sum of all elements, a scalar.</summary>
    public static Tensor Sum(this Tape tape, Tensor x) => ReduceAll(tape, x, 1);

    /// <summary>The mean of all elements, a scalar; NaN if there are none.</summary>
    public static Tensor Mean(this Tape tape, Tensor x) => ReduceAll(tape, x, 1f / x.Count);

    /// <summary>The sums over one axis, which disappears unless <paramref name="keepAxis"/> leaves it with the extent 1.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Sum(this Tape tape, Tensor x, int axis, bool keepAxis = false) => ReduceAxis(tape, nameof(Sum), x, axis, keepAxis, mean: false);

    /// <summary>The means over one axis, which disappears unless <paramref name="keepAxis"/> leaves it with the extent 1.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Mean(this Tape tape, Tensor x, int axis, bool keepAxis = false) => ReduceAxis(tape, nameof(Mean), x, axis, keepAxis, mean: true);

    private static Tensor ReduceAll(Tape tape, Tensor x, float scale)
    {
        Tensor output = tape.Allocate(Shape.Of(), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        *output.Pointer = (float)(Kernels.Reduction.Fold(default(SumFold), x.Pointer, x.Count) * scale);
        tape.Record(output, () => Spread(output.Gradient!.Pointer, output.Shape, scale, x));
        return output;
    }

    private static Tensor ReduceAxis(Tape tape, string name, Tensor x, int axis, bool keepAxis, bool mean)
    {
        int position = ShapeRules.Axis(name, x.Shape, axis);
        Shape kept = ShapeRules.With(x.Shape, position, 1);
        float scale = mean ? 1f / x.Shape[position] : 1;
        Tensor output = tape.Allocate(keepAxis ? kept : ShapeRules.Without(x.Shape, position), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        Kernels.Reduction.Run(
            default(SumFold), x.Pointer, ShapeRules.Outer(x.Shape, position), x.Shape[position], ShapeRules.Inner(x.Shape, position), output.Pointer,
            scale: scale);
        tape.Record(output, () => Spread(output.Gradient!.Pointer, kept, scale, x));
        return output;
    }

    private static void Spread(float* gradient, Shape shape, float scale, Tensor x)
    {
        float* target = x.Gradient!.Target(out bool accumulate);
        Elementwise.Zip(new ScaledFirstFormula(scale), gradient, shape, gradient, shape, target, x.Shape, accumulate);
    }

    private readonly struct ScaledFirstFormula(float scale) : IBinaryFormula
    {
        public T Apply<T>(T a, T b)
            where T : struct, ILanes<T>
            => T.Broadcast(scale) * a;
    }
}
