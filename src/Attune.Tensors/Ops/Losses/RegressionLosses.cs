using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>Losses of predicted numbers.</summary>
public static class RegressionLosses
{
    /// <summary>The mean of <c>(x - y)^2</c> over all elements; gradients flow to both.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(this Tape tape, Tensor x, Tensor y)
    {
        ShapeRules.Same(nameof(MeanSquaredError), nameof(x), x.Shape, nameof(y), y.Shape);
        return tape.Mean(tape.Square(tape.Subtract(x, y)));
    }

    /// <summary>The mean of <c>|x - y|</c> over all elements; gradients flow to both.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MeanAbsoluteError(this Tape tape, Tensor x, Tensor y)
    {
        ShapeRules.Same(nameof(MeanAbsoluteError), nameof(x), x.Shape, nameof(y), y.Shape);
        return tape.Mean(tape.Abs(tape.Subtract(x, y)));
    }
}
