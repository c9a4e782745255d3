using System.CommandLine;
using System.Globalization;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Products;

/// <summary><c>gemm</c>: float32 matrix products beside NumPy and PyTorch.</summary>
internal static class ProductsCommand
{
    private static readonly string[] DefaultShapes =
    [
        "512x512x512:nn", "512x512x512:nt", "512x512x512:tn", "1024x1024x1024:nn", "1024x1024x1024:nt", "1024x1024x1024:tn",
        "1024x768x3072:nt", "1024x3072x768:nt", "3072x1024x768:tn", "2048x2048x2048:nn", "2048x2048x2048:nt", "4096x4096x4096:nn",
        "1x4096x4096:nt", "2x4096x4096:nt", "4x4096x4096:nt", "8x4096x4096:nt", "16x4096x4096:nt", "32x4096x4096:nt",
        "1x4096x4096:nn", "8x4096x4096:nn", "32x4096x4096:nn", "1x768x3072:nt", "16x768x3072:nt", "32x768x3072:nn",
    ];

    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var shapes = new Argument<string[]>("shapes")
        {
            Description = "ROWSxDEPTHxCOLUMNS:LAYOUT; the layout says for each operand whether it is used as it lies (n) or transposed (t).",
            DefaultValueFactory = _ => DefaultShapes,
        };
        var threads = new Option<int[]>("--threads")
        {
            Description = "Numbers of threads to measure with.",
            DefaultValueFactory = _ => [1, 2],
            AllowMultipleArgumentsPerToken = true,
        };
        var pairs = new Option<int>("--pairs") { Description = "How often both sides take turns.", DefaultValueFactory = _ => 7 };
        var seconds = new Option<double>("--seconds") { Description = "Time of one turn.", DefaultValueFactory = _ => 0.1 };
        var python = new Option<string>("--python") { Description = "The Python that has the peers.", DefaultValueFactory = _ => "/usr/bin/python3" };
        var command = new Command("gemm", "Measures float32 matrix products beside NumPy and PyTorch.") { shapes, threads, pairs, seconds, python };
        command.SetAction(parsed => Run(
            parsed.GetValue(shapes)!, parsed.GetValue(threads)!, parsed.GetValue(pairs), parsed.GetValue(seconds), parsed.GetValue(python)!));
        return command;
    }

    private static int Run(string[] shapes, int[] threads, int pairs, double seconds, string python)
    {
        Console.WriteLine($"Kernels: {Isa.Current}");
        foreach (var count in threads)
        {
            Workers.Count = count;
            using var peer = ProductPeer.Start(python, count);
            Console.WriteLine($"{Environment.NewLine}{count} thread(s), peer: {peer?.Name ?? "none (see bench/peers/README.md)"}");
            Console.WriteLine("shape                     Attune GFLOP/s   GB/s of B    of limit    peer GFLOP/s   median ratio (lowest..highest)");
            var results = new List<Result>();
            var speed = Speed(seconds);
            foreach (var text in shapes)
            {
                var result = Measure(ProductShape.Parse(text), peer, pairs, seconds);
                Print(result, speed);
                results.Add(result);
            }

            Summarise(results);
        }

        return 0;
    }

    private static Result Measure(ProductShape shape, ProductPeer? peer, int pairs, double seconds)
    {
        using var product = new ProductRun(shape);
        var ratios = new List<double>();
        double ours = double.MaxValue, theirs = double.MaxValue, reading = double.MaxValue;
        for (var pair = 0; pair < pairs; pair++)
        {
            var own = product.BestTime(seconds);
            ours = Math.Min(ours, own);
            if (shape.IsBoundByMemory)
                reading = Math.Min(reading, product.BestReadingTime(seconds));
            if (peer is null)
                continue;
            var other = peer.BestTime(shape, seconds);
            theirs = Math.Min(theirs, other);
            ratios.Add(other / own);
        }

        ratios.Sort();
        return new Result(shape, ours, theirs, reading, ratios);
    }

    /// <summary>Operations a second of a large product, the limit of small ones that are not bound by memory.</summary>
    private static double Speed(double seconds)
    {
        var shape = ProductShape.Parse("768x768x768:nt");
        using var product = new ProductRun(shape);
        return shape.Operations / product.BestTime(seconds);
    }

    /// <summary>Prints one line; the limit of few rows is the longer of reading B and computing at <paramref name="speed"/>.</summary>
    private static void Print(Result result, double speed)
    {
        var (shape, ours, theirs, reading, ratios) = result;
        var limit = Math.Max(reading, shape.Operations / speed);
        var line = string.Create(CultureInfo.InvariantCulture, $"{shape,-24} {shape.Operations / ours / 1e9,15:F1}");
        line += shape.IsBoundByMemory
            ? string.Create(CultureInfo.InvariantCulture, $" {shape.BytesOfB / ours / 1e9,11:F1} {limit / ours,11:F2}")
            : "                        ";
        if (ratios.Count > 0)
        {
            line += string.Create(
                CultureInfo.InvariantCulture,
                $" {shape.Operations / theirs / 1e9,15:F1}   {ratios[ratios.Count / 2]:F2} ({ratios[0]:F2}..{ratios[^1]:F2})");
        }

        Console.WriteLine(line);
    }

    /// <summary>The slowest large product as a share of the fastest that either side reached.</summary>
    private static void Summarise(List<Result> results)
    {
        var large = results.Where(result => !result.Shape.IsBoundByMemory).ToList();
        if (large.Count == 0)
            return;
        var peak = results.Max(result => result.Shape.Operations / Math.Min(result.Ours, result.Theirs));
        var slowest = large.MinBy(result => result.Shape.Operations / result.Ours)!;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"peak of all: {peak / 1e9:F1} GFLOP/s; lowest share of a large product: {slowest.Shape.Operations / slowest.Ours / peak:F2} ({slowest.Shape})"));
    }

    private sealed record Result(ProductShape Shape, double Ours, double Theirs, double Reading, List<double> Ratios);
}
