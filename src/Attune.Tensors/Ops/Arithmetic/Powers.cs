using System.Runtime.CompilerServices;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Squares, roots and powers, element by element.</summary>
public static class PowerOperations
{
    /// <summary><c>x^2</c>.</summary>
    public static Tensor Square(this Tape tape, Tensor x)
    {
        Tensor output = UnaryOperation.Forward(tape, default(SquareFormula), x);
        tape.Record(output, () => UnaryOperation.Backward(new MultiplyFormula(2), x, output, x));
        return output;
    }

    /// <summary>The square root; its gradient is infinite at 0.</summary>
    public static Tensor Sqrt(this Tape tape, Tensor x)
    {
        Tensor output = UnaryOperation.Forward(tape, default(SqrtFormula), x);
        tape.Record(output, () => UnaryOperation.Backward(default(SqrtGradient), output, output, x));
        return output;
    }

    /// <summary><c>x^exponent</c> for positive <paramref name="x"/> (any <paramref name="x"/> if the exponent is 1 or 2).</summary>
    public static Tensor Pow(this Tape tape, Tensor x, float exponent)
    {
        if (exponent == 2)
            return tape.Square(x);
        if (exponent == 1)
            return x;
        Tensor output = UnaryOperation.Forward(tape, new PowFormula(exponent), x);
        tape.Record(output, () => UnaryOperation.Backward(new PowGradient(exponent), x, output, x));
        return output;
    }

    private readonly struct SquareFormula : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => x * x;
    }

    private readonly struct SqrtFormula : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => T.Sqrt(x);
    }

    private readonly struct SqrtGradient : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T root, T gradient)
            where T : struct, ILanes<T>
            => T.Broadcast(0.5f) * gradient / root;
    }

    private readonly struct PowFormula(float exponent) : IUnaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x)
            where T : struct, ILanes<T>
            => LaneMath.Exp(T.Broadcast(exponent) * LaneMath.Log(x));
    }

    private readonly struct PowGradient(float exponent) : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T gradient)
            where T : struct, ILanes<T>
            => gradient * T.Broadcast(exponent) * LaneMath.Exp(T.Broadcast(exponent - 1) * LaneMath.Log(x));
    }
}
