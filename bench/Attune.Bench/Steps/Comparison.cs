using System.Globalization;
using System.Text;
using System.Text.Json;
using Attune.Tensors;

namespace Attune.Bench.Steps;

/// <summary>A workload on both sides in turns; the n-th turns of both are a pair.</summary>
internal sealed record Comparison(string Workload, Precision Precision, int Threads, IReadOnlyList<Turn> Ours, IReadOnlyList<Turn> Theirs)
{
    /// <summary>The best product speed of either side in this precision, in GFLOP/s.</summary>
    public double Peak => Ours.Concat(Theirs).Max(turn => turn.Peak);

    /// <summary>How much longer the other side took, pair by pair.</summary>
    public IReadOnlyList<double> Ratios => [.. Ours.Zip(Theirs, (ours, theirs) => theirs.Milliseconds / ours.Milliseconds)];

    /// <summary>A row of a table in Markdown.</summary>
    public string ToRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Workload} | {Threads} | {Times(Ours)} | {Times(Theirs)} | {Median(Ratios):F2} ({Ratios.Min():F2}-{Ratios.Max():F2}) | {Peak:F1} | {Share(Ours):F2} | {Share(Theirs):F2} | {Megabytes(Ours):F0} | {Megabytes(Theirs):F0} |");

    /// <summary>Everything in a line of JSON.</summary>
    public string ToJson()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("workload", Workload);
            json.WriteString("precision", Precisions.NameOf(Precision));
            json.WriteNumber("threads", Threads);
            json.WriteNumber("peak", Peak);
            json.WriteNumber("ratio", Median(Ratios));
            json.WriteNumber("ratio_min", Ratios.Min());
            json.WriteNumber("ratio_max", Ratios.Max());
            Write(json, "attune", Ours);
            Write(json, "torch", Theirs);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private void Write(Utf8JsonWriter json, string name, IReadOnlyList<Turn> turns)
    {
        json.WriteStartObject(name);
        json.WriteNumber("ms", Median(Milliseconds(turns)));
        json.WriteNumber("of_peak", Share(turns));
        json.WriteNumber("max_rss_mb", Megabytes(turns));
        json.WriteStartArray("turns_ms");
        foreach (double time in Milliseconds(turns))
            json.WriteNumberValue(time);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Times(IReadOnlyList<Turn> turns)
    {
        IReadOnlyList<double> times = Milliseconds(turns);
        return string.Create(CultureInfo.InvariantCulture, $"{Median(times):F1} ({times.Min():F1}-{times.Max():F1})");
    }

    private double Share(IReadOnlyList<Turn> turns) => Median([.. turns.Select(turn => turn.Gigaflops)]) / Peak;

    private static double Megabytes(IReadOnlyList<Turn> turns) => turns.Max(turn => turn.Megabytes);

    private static IReadOnlyList<double> Milliseconds(IReadOnlyList<Turn> turns) => [.. turns.Select(turn => turn.Milliseconds)];

    private static double Median(IReadOnlyList<double> figures) => figures.Order().ElementAt(figures.Count / 2);
}
