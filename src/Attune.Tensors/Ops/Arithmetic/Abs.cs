using System.Runtime.CompilerServices;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Absolute values.</summary>
public static class AbsOperation
{
    /// <summary><c>|x|</c>; its gradient is 0 at 0.</summary>
    public static Tensor Abs(this Tape tape, Tensor x)
    {
        Tensor output = UnaryOperation.Forward(tape, default(AbsFormula), x);
        tape.Record(output, () => UnaryOperation.Backward(default(AbsGradient), x, output, x));
        return output;
    }

    private readonly struct AbsFormula : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => T.Abs(x);
    }

    private readonly struct AbsGradient : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T gradient)
            where T : struct, ILanes<T>
            => T.Select(T.GreaterThan(x, T.Zero), gradient, T.Select(T.LessThan(x, T.Zero), -gradient, T.Zero));
    }
}
