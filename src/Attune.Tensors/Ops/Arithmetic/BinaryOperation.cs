using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>What all operations of two broadcast operands share.</summary>
internal static unsafe class BinaryOperation
{
    /// <summary>The result of a formula over two operands, without a backward.</summary>
    public static Tensor Forward<TFormula>(Tape tape, string name, TFormula formula, Tensor left, Tensor right)
        where TFormula : struct, IBinaryFormula
    {
        Shape shape = ShapeRules.Broadcast(name, left.Shape, right.Shape);
        Tensor output = tape.Allocate(shape, left.RequiresGradient || right.RequiresGradient);
        if (tape.Computes())
            Elementwise.Zip(formula, left.Pointer, left.Shape, right.Pointer, right.Shape, output.Pointer, shape);
        return output;
    }

    /// <summary>
    /// Adds formula(gradient of the output, other) to the gradient of <paramref name="input"/>, summed over the axes along which it was
    /// repeated. Nothing happens if it requires none.
    /// </summary>
    public static void Backward<TFormula>(Tape tape, TFormula formula, Tensor output, Tensor other, Tensor input)
        where TFormula : struct, IBinaryFormula
    {
        if (!input.RequiresGradient)
            return;
        float* gradient = output.Gradient!.Pointer;
        if (input.Shape == output.Shape)
        {
            float* target = input.Gradient!.Target(out bool accumulate);
            Elementwise.Zip(formula, gradient, output.Shape, other.Pointer, other.Shape, target, output.Shape, accumulate);
            return;
        }
        float* full = tape.Arena.Allocate(output.Count);
        Elementwise.Zip(formula, gradient, output.Shape, other.Pointer, other.Shape, full, output.Shape);
        BroadcastSum.Run(tape.Arena, full, output.Shape, input);
        tape.Arena.Release(full, output.Count);
    }
}
