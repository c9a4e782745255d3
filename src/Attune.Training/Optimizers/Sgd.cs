using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>Stochastic gradient descent with momentum (Sutskever et al. 2013); weight decay is added to the gradient.</summary>
public sealed record Sgd : IUpdateRule
{
    /// <inheritdoc/>
    public string Name => "sgd";

    /// <summary>How much of the last movement stays; 0 for plain gradient descent.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>How much of each gradient after the first is kept out of the movement.</summary>
    public double Dampening { get; init; }

    /// <summary>Whether to look ahead along the movement (Nesterov).</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StateSlot> Slots(Shape parameter) => Momentum == 0 ? [] : [new("momentum", parameter)];

    /// <inheritdoc/>
    public unsafe void Update(Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings) =>
        new MomentumStep
        {
            Rate = settings.Rate,
            Momentum = Momentum,
            Dampening = Dampening,
            Decay = settings.WeightDecay,
            Nesterov = Nesterov,
            First = settings.Step == 1,
            GradientScale = settings.GradientScale,
        }.Run(value.Pointer, gradient.Pointer, slots.IsEmpty ? null : slots[0].Pointer, value.Count);
}
