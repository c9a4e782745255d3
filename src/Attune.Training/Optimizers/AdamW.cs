using Attune.Tensors;

namespace Attune.Training.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101).</summary>
public sealed record AdamW : IUpdateRule
{
    /// <inheritdoc/>
    public string Name => "adamw";

    /// <summary>How much of the mean gradient stays at each update.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean squared gradient stays at each update.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean squared gradient.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Whether the largest mean squared gradient so far takes the place of the present one (AMSGrad, Reddi et al. 2018, arXiv:1904.09237).</summary>
    public bool Amsgrad { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StateSlot> Slots(Shape parameter) => AdamMoments.Slots(parameter, Amsgrad);

    /// <inheritdoc/>
    public void Update(Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings) =>
        AdamMoments.Update(Beta1, Beta2, Epsilon, decoupled: true, value, gradient, slots, settings);
}
