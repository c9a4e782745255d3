using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Products and quotients, element by element.</summary>
public static unsafe class MultiplyOperation
{
    /// <summary><c>left * right</c>, repeated to a common shape: aligned at the last axis, extents of 1 and missing axes repeat.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Tensor Multiply(this Tape tape, Tensor left, Tensor right)
    {
        var product = new MultiplyFormula(1);
        Tensor output = BinaryOperation.Forward(tape, nameof(Multiply), product, left, right);
        tape.Record(output, () =>
        {
            BinaryOperation.Backward(tape, product, output, right, left);
            BinaryOperation.Backward(tape, product, output, left, right);
        });
        return output;
    }

    /// <summary><c>left / right</c>, repeated to a common shape.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Tensor Divide(this Tape tape, Tensor left, Tensor right)
    {
        Tensor output = BinaryOperation.Forward(tape, nameof(Divide), new DivideFormula(1), left, right);
        tape.Record(output, () =>
        {
            BinaryOperation.Backward(tape, new DivideFormula(1), output, right, left);
            if (!right.RequiresGradient)
                return;
            // d(a / b) / db = -(a / b) / b.
            float* gradient = tape.Arena.Allocate(output.Count);
            Elementwise.Zip(new MultiplyFormula(-1), output.Gradient!.Pointer, output.Pointer, gradient, output.Count);
            Elementwise.Zip(new DivideFormula(1), gradient, output.Shape, right.Pointer, right.Shape, gradient, output.Shape);
            BroadcastSum.Run(tape.Arena, gradient, output.Shape, right);
            tape.Arena.Release(gradient, output.Count);
        });
        return output;
    }

    /// <summary><c>x * factor</c>.</summary>
    public static Tensor Scale(this Tape tape, Tensor x, float factor)
    {
        var formula = new AffineFormula(factor, 0);
        Tensor output = UnaryOperation.Forward(tape, formula, x);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            Elementwise.Map(formula, output.Gradient!.Pointer, target, x.Count, accumulate);
        });
        return output;
    }

    /// <summary><c>-x</c>.</summary>
    public static Tensor Negate(this Tape tape, Tensor x) => tape.Scale(x, -1);
}
