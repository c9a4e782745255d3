using System.CommandLine;
using System.Globalization;
using Attune.Bench.Options;
using Attune.Bench.Rates;
using Attune.Cli.Shell;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Products;

/// <summary><c>gemm</c>: float32 matrix products beside NumPy and PyTorch.</summary>
internal static class ProductsCommand
{
    private const double LongestTurn = 3600;

    private static readonly string[] DefaultShapes =
    [
        .. from size in (int[])[512, 1024, 2048, 4096] from layout in (string[])["nn", "nt", "tn"] select $"{size}x{size}x{size}:{layout}",
        "1024x1024x1024:tt", "1024x768x3072:nt", "1024x3072x768:nt", "1024x3072x768:nn", "3072x1024x768:tn",
        .. from weights in (string[])["4096x4096:nt", "4096x4096:nn", "768x3072:nt"] from rows in (int[])[1, 2, 4, 8, 16, 32] select $"{rows}x{weights}",
    ];

    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var shapes = new Argument<string[]>("shapes")
        {
            Description = "ROWSxDEPTHxCOLUMNS:LAYOUT; the layout says for each operand whether it is used as it lies (n) or transposed (t). None takes all of bench/RESULTS.md.",
        };
        var threads = ThreadOption.Several();
        var pairs = CountOption.Pairs();
        var seconds = NumberOption.Make("--seconds", "Time of one turn, if two products take no longer.", "seconds", 0.1, 0.0, LongestTurn);
        var python = PythonOption.Create("The Python that has NumPy and PyTorch; empty measures Attune alone.");
        var file = JsonOption.Create();
        var command = new Command("gemm", "Measures float32 matrix products beside NumPy and PyTorch.") { shapes, threads, pairs, seconds, python, file };
        command.SetAction(parsed =>
        {
            string[] chosen = parsed.GetValue(shapes) is { Length: > 0 } given ? given : DefaultShapes;
            ProductShape[] products = [.. chosen.Select(ProductShape.Parse)];
            using StreamWriter? json = JsonOption.Open(parsed, file);
            foreach (int count in parsed.GetValue(threads)!)
                Run(products, count, parsed.GetValue(pairs), parsed.GetValue(seconds), parsed.GetValue(python)!, json);
        });
        return command;
    }

    private static void Run(ProductShape[] shapes, int threads, int pairs, double seconds, string python, StreamWriter? json)
    {
        Workers.Count = threads;
        using ProductPeer? peer = python.Length > 0 ? ProductPeer.Start(python, threads) : null;
        List<ProductComparison> comparisons = [.. shapes.Select(shape => Compare(shape, peer, pairs, seconds))];

        // What a share is a share of is known only when everything has been measured.
        var peak = comparisons.Max(comparison => comparison.BestSpeed);
        Console.WriteLine(Text($"{Isa.Current}, {threads} thread(s), {pairs} pairs; peer: {peer?.Name ?? "none"}; peak {peak / 1e9:F1} GFLOP/s."));
        Console.WriteLine();
        Console.WriteLine(ProductComparison.Heading);
        foreach (var comparison in comparisons)
        {
            Console.WriteLine(comparison.ToRow(threads, peak));
            json?.WriteLine(comparison.ToJson(threads, peak));
        }
        Console.WriteLine();
        foreach (var group in comparisons.GroupBy(comparison => comparison.Shape.IsBoundByMemory))
            Console.WriteLine(Lowest(group.Key ? "few rows" : "large products", group, peak));
        Console.WriteLine();
    }

    private static ProductComparison Compare(ProductShape shape, ProductPeer? peer, int pairs, double seconds)
    {
        Console.Error.WriteLine(shape);
        using var product = new ProductRun(shape);
        var comparison = new ProductComparison(shape);
        for (var pair = 0; pair < pairs; pair++)
            comparison.TakeTurns(product, peer, seconds);
        return comparison;
    }

    private static string Lowest(string kind, IEnumerable<ProductComparison> comparisons, double peak)
    {
        var (shape, share) = comparisons.Select(comparison => (comparison.Shape, Share: RateTable.Median(comparison.Shares(peak)))).MinBy(pair => pair.Share);
        return Text($"Lowest share of {kind}: {share:F2} (`{shape}`).");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
