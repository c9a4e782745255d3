using System.Runtime.CompilerServices;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Exponentials and logarithms, element by element.</summary>
public static class ExponentialOperations
{
    /// <summary><c>e^x</c>.</summary>
    public static Tensor Exp(this Tape tape, Tensor x)
    {
        Tensor output = UnaryOperation.Forward(tape, default(ExpFormula), x);
        tape.Record(output, () => UnaryOperation.Backward(new MultiplyFormula(1), output, output, x));
        return output;
    }

    /// <summary>The natural logarithm: minus infinity at 0, NaN below.</summary>
    public static Tensor Log(this Tape tape, Tensor x)
    {
        Tensor output = UnaryOperation.Forward(tape, default(LogFormula), x);
        tape.Record(output, () => UnaryOperation.Backward(default(LogGradient), x, output, x));
        return output;
    }

    private readonly struct ExpFormula : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => LaneMath.Exp(x);
    }

    private readonly struct LogFormula : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => LaneMath.Log(x);
    }

    private readonly struct LogGradient : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T gradient)
            where T : struct, ILanes<T>
            => gradient / x;
    }
}
