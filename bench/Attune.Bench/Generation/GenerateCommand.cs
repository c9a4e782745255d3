using System.CommandLine;
using System.Diagnostics;
using Attune.Bench.Options;
using Attune.Bench.Rates;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Generation;

/// <summary><c>generate</c>: greedy decoding with a model of GPT-2 small's shape and random weights, one sequence; prints a line of JSON.</summary>
internal static class GenerateCommand
{
    private const double WarmUpSeconds = 1.5;

    private static readonly int[] Prompt = [464, 5888, 9743, 257, 2393, 290];

    public static Command Create()
    {
        var precision = PrecisionOption.Create();
        var threads = ThreadOption.One();
        var tokens = CountOption.Create("--tokens", "How many tokens are added.", 64);
        var reps = CountOption.Create("--reps", "How often.", 3);
        var command = new Command("generate", "Measures generation by itself.") { precision, threads, tokens, reps };
        command.SetAction(parsed =>
        {
            Workers.Count = parsed.GetValue(threads);
            Console.WriteLine(Measure(PrecisionOption.Of(parsed, precision), parsed.GetValue(tokens), parsed.GetValue(reps)));
        });
        return command;
    }

    private static string Measure(Precision precision, int tokens, int reps)
    {
        Model model = Gpt2Small.Build();
        var generator = new TokenGenerator(model, precision);
        var options = new GenerationOptions { MaxNewTokens = tokens + 1, EndIds = [] };
        long weightBytes = Gpt2Small.WeightsRead * (precision switch { Precision.BFloat16 => 2, Precision.Int8 => 1, _ => sizeof(float) });
        var memory = new MemoryBandwidth(weightBytes);
        double weights = weightBytes / 1e9;
        WarmUp(generator, options);
        List<double> rates = [], bandwidths = [], shares = [];
        for (int run = 0; run < reps; run++)
        {
            // What memory gives changes with what else runs on the machine: it is measured just before and after.
            double before = memory.Measure(), rate = tokens / Decode(generator, options), after = memory.Measure();
            rates.Add(rate);
            bandwidths.Add((before + after) / 2);
            shares.Add(rate * weights / bandwidths[^1]);
        }
        return JsonLine.Of(
            ("peer", "attune"), ("workload", "gpt2-small-generate"), ("precision", Precisions.NameOf(precision)), ("threads", Workers.Count), ("tokens", tokens),
            ("tokens_per_s", RateTable.Median(rates)), ("weight_gb_per_s", RateTable.Median(rates) * weights), ("read_gb_per_s", RateTable.Median(bandwidths)),
            ("of_bandwidth", RateTable.Median(shares)), ("max_rss_mb", Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
    }

    /// <summary>Packs the weights, and gives the JIT time to optimise what calls the kernels.</summary>
    private static void WarmUp(TokenGenerator generator, GenerationOptions options)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds;)
            Decode(generator, options);
    }

    /// <summary>Seconds for all tokens after the first, which comes with reading the prompt.</summary>
    private static double Decode(TokenGenerator generator, GenerationOptions options)
    {
        using IEnumerator<int> ids = generator.Stream(Prompt, options).GetEnumerator();
        ids.MoveNext();
        long start = Stopwatch.GetTimestamp();
        while (ids.MoveNext())
        {
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
