using Attune.Tensors;

namespace Attune.Training.Optimizers;

/// <summary>
/// How one parameter moves along its gradient: AdamW, SGD and the like, one record each. <see cref="Optimizer"/> does everything
/// else (groups, state, skipping, saving).
/// </summary>
/// <remarks>A rule has no state of its own; <see cref="Update"/> is called from one thread and may spread over the worker pool.</remarks>
public interface IUpdateRule
{
    /// <summary>The name in recipes and checkpoints.</summary>
    string Name { get; }

    /// <summary>What is kept for a parameter between updates; all of it starts as zeros.</summary>
    IReadOnlyList<StateSlot> Slots(Shape parameter);

    /// <summary>Changes a parameter in place.</summary>
    /// <param name="value">The parameter.</param>
    /// <param name="gradient">Its gradient, of the same shape; not changed.</param>
    /// <param name="slots">The tensors of <see cref="Slots"/>, in that order; changed in place.</param>
    /// <param name="settings">The circumstances of this update.</param>
    void Update(Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings);
}

/// <summary>A tensor that an update rule keeps for a parameter.</summary>
/// <param name="Name">Its name in checkpoints.</param>
/// <param name="Shape">Its extents.</param>
public readonly record struct StateSlot(string Name, Shape Shape);

/// <summary>The circumstances of one update of one parameter.</summary>
/// <param name="Step">How many updates of this parameter there have been, this one included: from 1.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="WeightDecay">The weight decay of the parameter's group.</param>
/// <param name="GradientScale">What the gradient is to be multiplied with first (clipping).</param>
public readonly record struct UpdateSettings(long Step, double Rate, double WeightDecay, float GradientScale);
