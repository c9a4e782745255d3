using System.Globalization;
using Attune.Bench.Rates;

namespace Attune.Bench.Products;

/// <summary>A product on both sides in turns.</summary>
/// <param name="shape">The product.</param>
internal sealed class ProductComparison(ProductShape shape)
{
    /// <summary>The headings of <see cref="ToRow"/> in Markdown.</summary>
    public const string Heading =
        """
        | product | threads | Attune GFLOP/s | peer GFLOP/s | Attune / peer | reading B, GB/s | Attune of limit |
        |---|---:|---:|---:|---:|---:|---:|
        """;

    private readonly List<double> _ours = [], _theirs = [], _reading = [];

    /// <summary>The product.</summary>
    public ProductShape Shape => shape;

    /// <summary>Operations a second in the best turn of either side.</summary>
    public double BestSpeed => shape.Operations / _ours.Concat(_theirs).Min();

    /// <summary>Every side takes its turn.</summary>
    public void TakeTurns(ProductRun product, ProductPeer? peer, double seconds)
    {
        _ours.Add(product.BestTime(seconds));
        if (shape.IsBoundByMemory)
            _reading.Add(product.BestReadingTime(seconds));
        if (peer is not null)
            _theirs.Add(peer.BestTime(shape, seconds));
    }

    /// <summary>
    /// The time that the machine needs at least over the time that Attune needs, turn by turn. The former is that of computing at
    /// <paramref name="peak"/> operations a second or, of few rows, that of reading B in the same turn, whichever is longer.
    /// </summary>
    public IReadOnlyList<double> Shares(double peak)
    {
        var computing = shape.Operations / peak;
        return [.. _ours.Select((time, turn) => (shape.IsBoundByMemory ? Math.Max(computing, _reading[turn]) : computing) / time)];
    }

    /// <summary>A row of a table in Markdown: medians, with the least and the largest in brackets.</summary>
    public string ToRow(int threads, double peak)
    {
        string[] cells =
        [
            $"`{shape}`", threads.ToString(CultureInfo.InvariantCulture), Speeds(_ours), _theirs.Count > 0 ? Speeds(_theirs) : "",
            _theirs.Count > 0 ? RateTable.Spread([.. _ours.Zip(_theirs, (ours, theirs) => theirs / ours)]) : "",
            shape.IsBoundByMemory ? RateTable.Spread([.. _reading.Select(time => shape.BytesOfB / time / 1e9)]) : "",
            RateTable.Spread(Shares(peak)),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    /// <summary>Everything in a line of JSON.</summary>
    public string ToJson(int threads, double peak) => JsonLine.Of(
        ("product", shape.ToString()), ("threads", threads), ("peak", peak / 1e9),
        ("attune_gflops", Gigaflops(_ours)), ("peer_gflops", Gigaflops(_theirs)),
        ("reading_gb_per_s", (double[])[.. _reading.Select(time => shape.BytesOfB / time / 1e9)]), ("of_limit", Shares(peak)));

    private double[] Gigaflops(IReadOnlyList<double> times) => [.. times.Select(time => shape.Operations / time / 1e9)];

    private string Speeds(IReadOnlyList<double> times) => RateTable.Spread(Gigaflops(times));
}
