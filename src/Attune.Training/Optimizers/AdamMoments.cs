using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>The state that the members of Adam's family keep: the mean gradient, the mean squared gradient and, for AMSGrad, the largest of the latter so far.</summary>
internal static class AdamMoments
{
    public static IReadOnlyList<StateSlot> Slots(Shape parameter, bool amsgrad = false)
    {
        StateSlot mean = new("mean", parameter), square = new("square", parameter);
        return amsgrad ? [mean, square, new("largest_square", parameter)] : [mean, square];
    }

    public static unsafe void Update(
        double beta1, double beta2, double epsilon, bool decoupled, Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings)
    {
        var step = new AdamStep
        {
            Rate = settings.Rate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            Decay = settings.WeightDecay,
            Decoupled = decoupled,
            Step = settings.Step,
            GradientScale = settings.GradientScale,
        };
        step.Run(value.Pointer, gradient.Pointer, slots[0].Pointer, slots[1].Pointer, value.Count, slots.Length > 2 ? slots[2].Pointer : null);
    }
}
