using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>Layerwise adaptive Adam for large batches (You et al. 2020, arXiv:1904.00962): every parameter moves in proportion to its own norm.</summary>
public sealed record Lamb : IUpdateRule
{
    /// <inheritdoc/>
    public string Name => "lamb";

    /// <summary>How much of the mean gradient stays at each update.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean squared gradient stays at each update.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean squared gradient.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <inheritdoc/>
    public IReadOnlyList<StateSlot> Slots(Shape parameter) => AdamMoments.Slots(parameter);

    /// <inheritdoc/>
    public unsafe void Update(Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings) =>
        new LambStep
        {
            Rate = settings.Rate,
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = Epsilon,
            Decay = settings.WeightDecay,
            Step = settings.Step,
            GradientScale = settings.GradientScale,
        }.Run(value.Pointer, gradient.Pointer, slots[0].Pointer, slots[1].Pointer, value.Count);
}
