namespace Attune.Training.Schedules;

/// <summary>A linear warm-up, then a fall to <paramref name="FinalRate"/> along a power of the time that is left.</summary>
/// <param name="PeakRate">The rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="TotalSteps">The update from which on the rate is final.</param>
/// <param name="FinalRate">The rate at the end and after it.</param>
/// <param name="Power">1 falls in a straight line.</param>
public sealed record PolynomialSchedule(
    double PeakRate, long WarmupSteps, long TotalSteps, double FinalRate = 1e-7, double Power = 1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step)
    {
        if (step < WarmupSteps)
            return PeakRate * Warmup.Share(step, WarmupSteps);
        double left = Math.Max(0, 1 - Warmup.Progress(step, WarmupSteps, TotalSteps));
        return FinalRate + (PeakRate - FinalRate) * Math.Pow(left, Power);
    }
}
