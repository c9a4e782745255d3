namespace Attune.Training.Schedules;

/// <summary>A linear warm-up, then always the same rate.</summary>
/// <param name="PeakRate">The rate after the warm-up.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
public sealed record ConstantSchedule(double PeakRate, long WarmupSteps = 0) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => PeakRate * Warmup.Share(step, WarmupSteps);
}
