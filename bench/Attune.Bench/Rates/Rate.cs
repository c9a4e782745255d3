using System.Diagnostics;

namespace Attune.Bench.Rates;

/// <summary>How often per second something is done.</summary>
internal static class Rate
{
    /// <summary>The median of some runs after one that warms up, in seconds.</summary>
    public static double MedianSeconds(int runs, Action run)
    {
        run();
        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(times);
        return times[runs / 2];
    }
}
