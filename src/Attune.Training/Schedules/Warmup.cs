namespace Attune.Training.Schedules;

/// <summary>The linear rise from 0 that most schedules begin with.</summary>
internal static class Warmup
{
    /// <summary>The share of the full rate: <c>step / warmup</c> before <paramref name="warmup"/>, then 1.</summary>
    public static double Share(long step, long warmup) => step < warmup ? (double)step / warmup : 1;

    /// <summary>How much of the time between the warm-up and the last step has passed: 0 at the warm-up's end, 1 at the last step and beyond it more.</summary>
    public static double Progress(long step, long warmup, long total) => (double)(step - warmup) / Math.Max(1, total - warmup);
}
