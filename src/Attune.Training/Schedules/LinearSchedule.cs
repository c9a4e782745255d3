namespace Attune.Training.Schedules;

/// <summary>A linear warm-up, then a linear fall to 0 (Devlin et al. 2019, arXiv:1810.04805).</summary>
/// <param name="PeakRate">The rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="TotalSteps">The update at which the rate is 0 again.</param>
public sealed record LinearSchedule(double PeakRate, long WarmupSteps, long TotalSteps) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => step < WarmupSteps
        ? PeakRate * Warmup.Share(step, WarmupSteps)
        : PeakRate * Math.Max(0, (double)(TotalSteps - step) / Math.Max(1, TotalSteps - WarmupSteps));
}
