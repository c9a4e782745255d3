namespace Attune.Training.Schedules;

/// <summary>
/// A linear warm-up, then several falling half cosines of equal length, each from the peak again (warm restarts, Loshchilov
/// and Hutter 2017, arXiv:1608.03983).
/// </summary>
/// <param name="PeakRate">The rate at the start of each cycle.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="TotalSteps">The update at which the last cycle ends; the rate stays at the floor from there.</param>
/// <param name="Cycles">The number of cycles.</param>
public sealed record CosineRestartsSchedule(double PeakRate, long WarmupSteps, long TotalSteps, int Cycles = 1) : ISchedule
{
    /// <summary>The rate that each cycle falls to.</summary>
    public double FloorRate { get; init; }

    /// <inheritdoc/>
    public double Rate(long step)
    {
        if (step < WarmupSteps)
            return PeakRate * Warmup.Share(step, WarmupSteps);
        double progress = Warmup.Progress(step, WarmupSteps, TotalSteps);
        if (progress >= 1)
            return FloorRate;
        double wave = 0.5 * (1 + Math.Cos(Math.PI * (Cycles * progress % 1)));
        return FloorRate + (PeakRate - FloorRate) * wave;
    }
}
