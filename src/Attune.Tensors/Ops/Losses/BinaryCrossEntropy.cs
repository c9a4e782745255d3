using System.Runtime.CompilerServices;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Losses of yes-or-no decisions.</summary>
public static unsafe class BinaryCrossEntropyOperation
{
    /// <summary>
    /// <c>-(t log sigmoid(x) + (1 - t) log(1 - sigmoid(x)))</c> for every logit x and target t, averaged with
    /// <paramref name="weights"/> (their sum divides; a mask of zeros and ones leaves elements out). Exact for logits of any size.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="logits">Any shape.</param>
    /// <param name="targets">Numbers in 0..1 of the same shape.</param>
    /// <param name="weights">One weight an element, of the same shape; all 1 if absent.</param>
    /// <returns>A scalar; 0 if the weights add up to 0.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or targets or weights require a gradient.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(this Tape tape, Tensor logits, Tensor targets, Tensor? weights = null)
    {
        const string name = nameof(BinaryCrossEntropyWithLogits);
        ShapeRules.Same(name, nameof(logits), logits.Shape, nameof(targets), targets.Shape);
        ShapeRules.Constant(name, nameof(targets), targets);
        if (weights is not null)
        {
            ShapeRules.Same(name, nameof(logits), logits.Shape, nameof(weights), weights.Shape);
            ShapeRules.Constant(name, nameof(weights), weights);
        }
        Tensor output = tape.Allocate([], logits.RequiresGradient);
        if (!tape.Computes())
            return output;

        long count = logits.Count;
        double total = weights is null ? count : Kernels.Reduction.Fold(default(SumFold), weights.Pointer, count);
        float share = total == 0 ? 0 : (float)(1 / total);
        float* losses = tape.Arena.Allocate(count);
        Elementwise.Zip(default(LossFormula), logits.Pointer, targets.Pointer, losses, count);
        if (weights is not null)
            Elementwise.Zip(new MultiplyFormula(1), losses, weights.Pointer, losses, count);
        *output.Pointer = (float)(Kernels.Reduction.Fold(default(SumFold), losses, count) * share);
        tape.Arena.Release(losses, count);

        tape.Record(output, () =>
        {
            float* target = logits.Gradient!.Target(out bool accumulate);
            var formula = new GradientFormula(*output.Gradient!.Pointer * share);
            if (weights is null)
            {
                Elementwise.Zip(formula, logits.Pointer, targets.Pointer, target, count, accumulate);
                return;
            }
            float* gradient = tape.Arena.Allocate(count);
            Elementwise.Zip(formula, logits.Pointer, targets.Pointer, gradient, count);
            Elementwise.Zip(new MultiplyFormula(1), gradient, weights.Pointer, target, count, accumulate);
            tape.Arena.Release(gradient, count);
        });
        return output;
    }

    /// <summary>max(x, 0) - x t + log(1 + e^-|x|): no exponential of it can overflow.</summary>
    private readonly struct LossFormula : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T target)
            where T : struct, ILanes<T>
            => T.FmaNegated(x, target, T.Max(T.Zero, x)) + LaneMath.Log(T.Broadcast(1) + LaneMath.Exp(-T.Abs(x)));
    }

    private readonly struct GradientFormula(float scale) : IBinaryFormula
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Apply<T>(T x, T target)
            where T : struct, ILanes<T>
            => T.Broadcast(scale) * (LaneMath.Sigmoid(x) - target);
    }
}
