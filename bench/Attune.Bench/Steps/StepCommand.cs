using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Attune.Bench.Options;
using Attune.Bench.Products;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Steps;

/// <summary>
/// <c>step</c>: measures workloads alone and prints a line of JSON for each, in the peer's form. The best product speed is measured in
/// the same process and precision just before and after.
/// </summary>
internal static class StepCommand
{
    private const int WarmUpSteps = 2;
    private const double WarmUpSeconds = 1;

    public static Command Create()
    {
        var names = new Argument<string[]>("workloads") { Description = "Which; none lists them.", HelpName = "workload" }.AcceptOnlyFromAmong([.. Workloads.All.Keys]);
        var threads = ThreadOption.One();
        var reps = CountOption.Create("--reps", "How many steps are timed.", 5);
        var recompute = new Option<bool>("--recompute") { Description = "Training computes blocks again in the backward pass: less memory, more time." };
        var precision = PrecisionOption.Create();
        var command = new Command("step", "Measures steps of training and inference by themselves.") { names, threads, reps, recompute, precision };
        command.SetAction(parsed =>
        {
            Workers.Count = parsed.GetValue(threads);
            string[] chosen = parsed.GetValue(names) ?? [];
            if (chosen.Length == 0)
                Console.WriteLine(string.Join('\n', Workloads.All.Keys));
            foreach (string name in chosen)
                Console.WriteLine(Measure(name, parsed.GetValue(threads), parsed.GetValue(reps), parsed.GetValue(recompute), PrecisionOption.Of(parsed, precision)));
        });
        return command;
    }

    private static string Measure(string name, int threads, int reps, bool recompute, Precision precision)
    {
        using FloatingPoint.Scope flush = FloatingPoint.FlushDenormals();
        IWorkload workload = Workloads.All[name](precision);
        if (workload is ITrainingWorkload training)
            training.RecomputesBlocks = recompute;
        WarmUp(workload);
        double peak = ProductPeak.Measure(precision);
        double[] times = new double[reps];
        for (int i = 0; i < reps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            workload.Step();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        long memory = Process.GetCurrentProcess().PeakWorkingSet64;
        peak = Math.Max(peak, ProductPeak.Measure(precision));
        Array.Sort(times);
        double median = times[reps / 2];
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("peer", "attune");
            json.WriteString("workload", name);
            json.WriteString("precision", Precisions.NameOf(precision));
            json.WriteNumber("threads", threads);
            json.WriteNumber("ms", Math.Round(median, 2));
            json.WriteNumber("ms_min", Math.Round(times[0], 2));
            json.WriteNumber("ms_max", Math.Round(times[^1], 2));
            json.WriteNumber("gflops", Math.Round(workload.Operations / median / 1e6, 1));
            json.WriteNumber("peak", Math.Round(peak, 1));
            json.WriteNumber("of_peak", Math.Round(workload.Operations / median / 1e6 / peak, 3));
            json.WriteNumber("max_rss_mb", memory / (1 << 20));
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>Takes the memory of a step, and gives the JIT time to optimise what calls the kernels.</summary>
    private static void WarmUp(IWorkload workload)
    {
        long start = Stopwatch.GetTimestamp();
        for (int steps = 0; steps < WarmUpSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds; steps++)
            workload.Step();
    }
}
