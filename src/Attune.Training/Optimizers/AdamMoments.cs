using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>The state that the members of Adam's family keep: the mean gradient and the mean squared gradient.</summary>
internal static class AdamMoments
{
    public static IReadOnlyList<StateSlot> Slots(Shape parameter) => [new("mean", parameter), new("square", parameter)];

    public static unsafe void Update(in AdamStep step, Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots) =>
        step.Run(value.Pointer, gradient.Pointer, slots[0].Pointer, slots[1].Pointer, value.Count);
}
