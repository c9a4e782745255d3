using System.Runtime.CompilerServices;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Choices by a mask: a tensor of numbers in which anything but 0 means yes.</summary>
public static unsafe class WhereOperations
{
    /// <summary><c>mask != 0 ? yes : no</c>, all three repeated to a common shape. What is not chosen has no influence, not even a NaN.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Tensor Where(this Tape tape, Tensor mask, Tensor yes, Tensor no)
    {
        Shape shape = ShapeRules.Broadcast(nameof(Where), ShapeRules.Broadcast(nameof(Where), yes.Shape, no.Shape), mask.Shape);
        Tensor output = tape.Allocate(shape, yes.RequiresGradient || no.RequiresGradient);
        if (!tape.Computes())
            return output;
        if (yes.Shape != shape && no.Shape != shape && mask.Shape != shape)
            mask = tape.Expand(mask, shape);
        Elementwise.Zip(default(KeepFormula), yes.Pointer, yes.Shape, mask.Pointer, mask.Shape, output.Pointer, shape);
        Elementwise.Zip(default(DropFormula), no.Pointer, no.Shape, mask.Pointer, mask.Shape, output.Pointer, shape, accumulate: true);
        tape.Record(output, () =>
        {
            BinaryOperation.Backward(tape, default(KeepFormula), output, mask, yes);
            BinaryOperation.Backward(tape, default(DropFormula), output, mask, no);
        });
        return output;
    }

    /// <summary><c>mask != 0 ? value : x</c>; the mask is repeated to the shape of <paramref name="x"/>.</summary>
    /// <exception cref="ArgumentException">The mask cannot be repeated to the shape of <paramref name="x"/>.</exception>
    public static Tensor MaskedFill(this Tape tape, Tensor x, Tensor mask, float value)
    {
        if (ShapeRules.Broadcast(nameof(MaskedFill), x.Shape, mask.Shape) != x.Shape)
            throw new ArgumentException($"MaskedFill: the mask {mask.Shape} is larger than x {x.Shape}.", nameof(mask));
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        Elementwise.Zip(new FillFormula(value), x.Pointer, x.Shape, mask.Pointer, mask.Shape, output.Pointer, x.Shape);
        tape.Record(output, () => BinaryOperation.Backward(tape, default(DropFormula), output, mask, x));
        return output;
    }

    private readonly struct KeepFormula : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T mask)
            where T : struct, ILanes<T>
            => T.Select(T.EqualTo(mask, T.Zero), T.Zero, x);
    }

    private readonly struct DropFormula : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T mask)
            where T : struct, ILanes<T>
            => T.Select(T.EqualTo(mask, T.Zero), x, T.Zero);
    }

    private readonly struct FillFormula(float value) : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T mask)
            where T : struct, ILanes<T>
            => T.Select(T.EqualTo(mask, T.Zero), x, T.Broadcast(value));
    }
}
