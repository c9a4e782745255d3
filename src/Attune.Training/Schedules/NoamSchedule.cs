namespace Attune.Training.Schedules;

/// <summary>The schedule of the first Transformer (Vaswani et al. 2017, arXiv:1706.03762): its rate follows from the model's width.</summary>
/// <param name="Width">The model's width.</param>
/// <param name="WarmupSteps">The updates over which the rate rises.</param>
/// <param name="Factor">Multiplies the rate.</param>
public sealed record NoamSchedule(int Width, long WarmupSteps = 4000, double Factor = 1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => step == 0
        ? 0
        : Factor / Math.Sqrt(Width) * Math.Min(1 / Math.Sqrt(step), step * Math.Pow(WarmupSteps, -1.5));
}
