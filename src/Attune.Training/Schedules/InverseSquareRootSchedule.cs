namespace Attune.Training.Schedules;

/// <summary>A linear warm-up, then a fall with the inverse square root of the step.</summary>
/// <param name="PeakRate">The rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="Timescale">The updates after which the rate has fallen by the square root of 2; the warm-up's length if null (10,000 if that is 0).</param>
public sealed record InverseSquareRootSchedule(double PeakRate, long WarmupSteps, long? Timescale = null) : ISchedule
{
    private const long DefaultTimescale = 10_000;

    /// <inheritdoc/>
    public double Rate(long step)
    {
        if (step < WarmupSteps)
            return PeakRate * Warmup.Share(step, WarmupSteps);
        long timescale = Timescale ?? (WarmupSteps > 0 ? WarmupSteps : DefaultTimescale);
        return PeakRate / Math.Sqrt((double)(step - WarmupSteps + timescale) / timescale);
    }
}
