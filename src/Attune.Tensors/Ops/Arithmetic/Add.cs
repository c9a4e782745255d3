using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Sums and differences of tensors.</summary>
public static unsafe class AddOperation
{
    /// <summary><c>left + right</c>, repeated to a common shape: aligned at the last axis, extents of 1 and missing axes repeat.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Tensor Add(this Tape tape, Tensor left, Tensor right)
    {
        Tensor output = BinaryOperation.Forward(tape, nameof(Add), default(AddFormula), left, right);
        tape.Record(output, () =>
        {
            Pass(tape, output, left);
            Pass(tape, output, right);
        });
        return output;
    }

    /// <summary><c>left - right</c>, repeated to a common shape.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Tensor Subtract(this Tape tape, Tensor left, Tensor right)
    {
        Tensor output = BinaryOperation.Forward(tape, nameof(Subtract), default(SubtractFormula), left, right);
        tape.Record(output, () =>
        {
            Pass(tape, output, left);
            BinaryOperation.Backward(tape, default(NegatedFirstFormula), output, output, right);
        });
        return output;
    }

    /// <summary><c>x + number</c>.</summary>
    public static Tensor AddScalar(this Tape tape, Tensor x, float number)
    {
        Tensor output = UnaryOperation.Forward(tape, new AffineFormula(1, number), x);
        tape.Record(output, () => Pass(tape, output, x));
        return output;
    }

    private static void Pass(Tape tape, Tensor output, Tensor input)
    {
        if (input.RequiresGradient)
            BroadcastSum.Run(tape.Arena, output.Gradient!.Pointer, output.Shape, input);
    }

    private readonly struct NegatedFirstFormula : IBinaryFormula
    {
        public T Apply<T>(T a, T b)
            where T : struct, Lanes.ILanes<T>
            => -a;
    }
}
