using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>What all operations of one operand, element by element, share.</summary>
internal static unsafe class UnaryOperation
{
    /// <summary>The result of a formula, without a backward.</summary>
    public static Tensor Forward<TFormula>(Tape tape, TFormula formula, Tensor x)
        where TFormula : struct, IUnaryFormula
    {
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient);
        if (tape.Computes())
            Elementwise.Map(formula, x.Pointer, output.Pointer, x.Count);
        return output;
    }

    /// <summary>Adds formula(kept, gradient of the output) to the gradient of <paramref name="x"/>.</summary>
    public static void Backward<TFormula>(TFormula formula, Tensor kept, Tensor output, Tensor x)
        where TFormula : struct, IBinaryFormula
    {
        float* target = x.Gradient!.Target(out bool accumulate);
        Elementwise.Zip(formula, kept.Pointer, output.Gradient!.Pointer, target, x.Count, accumulate);
    }
}
