using System.CommandLine;
using System.Diagnostics;
using Attune.Bench.Rates;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Generation;

/// <summary><c>generate</c>: greedy decoding with a model of GPT-2 small's shape and random weights, one sequence; prints a line of JSON.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var precision = new Option<string>("--precision") { DefaultValueFactory = _ => "float32", Description = "The arithmetic of products with weights." };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1, Description = "How many threads compute." };
        var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 64, Description = "How many tokens are added." };
        var reps = new Option<int>("--reps") { DefaultValueFactory = _ => 3, Description = "How often." };
        var command = new Command("generate", "Measures generation by itself.") { precision, threads, tokens, reps };
        command.SetAction(parsed =>
        {
            Workers.Count = parsed.GetValue(threads);
            Console.WriteLine(Measure(Precisions.Parse(parsed.GetValue(precision)!), parsed.GetValue(tokens), parsed.GetValue(reps)));
        });
        return command;
    }

    private static string Measure(Precision precision, int tokens, int reps)
    {
        Model model = Gpt2Small.Build();
        var generator = new TokenGenerator(model, precision);
        double bandwidth = MemoryBandwidth.Measure(), seconds = double.NaN;
        var options = new GenerationOptions { MaxNewTokens = tokens + 1, EndIds = [] };
        double[] times = new double[reps];
        for (int run = -1; run < reps; run++)
        {
            // The first token comes with reading the prompt; only those after it are decoding.
            using IEnumerator<int> ids = generator.Generate([464, 5888, 9743, 257, 2393, 290], options).GetEnumerator();
            ids.MoveNext();
            long start = Stopwatch.GetTimestamp();
            while (ids.MoveNext())
            {
            }
            if (run >= 0)
                times[run] = Stopwatch.GetElapsedTime(start).TotalSeconds / tokens;
        }
        Array.Sort(times);
        seconds = times[reps / 2];
        bandwidth = Math.Max(bandwidth, MemoryBandwidth.Measure());
        double bytes = Gpt2Small.WeightsRead * (precision switch { Precision.BFloat16 => 2, Precision.Int8 => 1, _ => sizeof(float) });
        return JsonLine.Of(
            ("peer", "attune"), ("workload", "gpt2-small-generate"), ("precision", Precisions.NameOf(precision)), ("threads", Workers.Count), ("tokens", tokens),
            ("tokens_per_s", 1 / seconds), ("weight_gb_per_s", bytes / seconds / 1e9), ("read_gb_per_s", bandwidth),
            ("of_bandwidth", bytes / seconds / 1e9 / bandwidth), ("max_rss_mb", Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
    }
}
