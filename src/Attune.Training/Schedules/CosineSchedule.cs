namespace Attune.Training.Schedules;

/// <summary>A linear warm-up, then a cosine from the peak to a floor (Loshchilov and Hutter 2017, arXiv:1608.03983, one period).</summary>
/// <param name="PeakRate">The rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="TotalSteps">The update at which the last cycle ends.</param>
public sealed record CosineSchedule(double PeakRate, long WarmupSteps, long TotalSteps) : ISchedule
{
    /// <summary>The lowest rate after the warm-up.</summary>
    public double FloorRate { get; init; }

    /// <summary>The waves between warm-up and end: one half of one falls once. Beyond the end the wave goes on, as in the transformers library.</summary>
    public double Cycles { get; init; } = 0.5;

    /// <inheritdoc/>
    public double Rate(long step)
    {
        if (step < WarmupSteps)
            return PeakRate * Warmup.Share(step, WarmupSteps);
        double wave = 0.5 * (1 + Math.Cos(2 * Math.PI * Cycles * Warmup.Progress(step, WarmupSteps, TotalSteps)));
        return FloorRate + (PeakRate - FloorRate) * Math.Max(0, wave);
    }
}
