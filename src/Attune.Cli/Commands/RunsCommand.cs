using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Training.Tracking;

namespace Attune.Cli.Commands;

/// <summary><c>attune runs</c>: what was trained, with which settings, and how it ended.</summary>
internal sealed class RunsCommand : Verb
{
    private const string StoreName = "runs.db";

    private readonly Argument<string> place = new("place")
    {
        Description = $"The database of runs, or a folder with {StoreName}.",
        DefaultValueFactory = _ => ".",
    };

    private readonly Option<string?> name = new("--run")
    {
        Description = "Show one run: its settings and its figures by step.",
        HelpName = "name",
    };

    /// <summary>Declares the verb.</summary>
    public RunsCommand()
        : base(
            "runs",
            "Lists recorded runs, or shows one: settings, figures by step, how it ended.",
            "attune runs attune-quickstart",
            "attune runs attune-quickstart --run quickstart",
            "attune runs attune-quickstart/runs.db --json")
    {
        Add(place);
        Add(name);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var store = Open(invocation.Get(place));
        if (invocation.Get(name) is not { } wanted)
        {
            List(invocation, store.List());
            return ExitCode.Ok;
        }

        var run = store.Find(wanted) ?? throw new ArgumentException(
            $"{store.Path}: there is no run '{wanted}'. It has: {string.Join(", ", store.List().Select(known => known.Id))}.");
        Show(invocation, run, store.Metrics(run.Id));
        return ExitCode.Ok;
    }

    private static RunStore Open(string place)
    {
        var file = Directory.Exists(place) ? Path.Combine(place, StoreName) : place;
        return File.Exists(file)
            ? new RunStore(file)
            : throw new FileNotFoundException($"{file}: there are no records of runs here. Name the folder that a run was written to.");
    }

    private static void List(Invocation invocation, IReadOnlyList<RunRecord> runs)
    {
        if (invocation.Json)
        {
            invocation.WriteJson(json =>
            {
                json.WriteStartArray();
                foreach (var run in runs)
                {
                    json.WriteStartObject();
                    WriteRun(json, run);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        invocation.WriteTable(
            ["run", "kind", "status", "started", "figures"],
            runs.Select(run => (string[])
            [
                run.Id, run.Kind, run.Status, run.Started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                string.Join("  ", run.Figures.Select(figure => $"{figure.Name} {Short(figure.Value)}")),
            ]));
    }

    private static void Show(Invocation invocation, RunRecord run, IReadOnlyList<Metric> metrics)
    {
        if (invocation.Json)
        {
            invocation.WriteJson(json =>
            {
                json.WriteStartObject();
                WriteRun(json, run);
                json.WriteStartArray("metrics");
                foreach (var metric in metrics)
                {
                    json.WriteStartObject();
                    json.WriteNumber("step", metric.Step);
                    json.WriteString("name", metric.Name);
                    JsonNumbers.Write(json, "value", metric.Value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        invocation.WriteFields(
            ("run", run.Id), ("kind", run.Kind), ("status", run.Message is { } message ? $"{run.Status}: {message}" : run.Status),
            ("started", run.Started.ToString("u", CultureInfo.InvariantCulture)), ("heard of", run.Updated.ToString("u", CultureInfo.InvariantCulture)),
            ("settings", run.Configuration));
        invocation.WriteTable(["figure", ">step", ">value"], metrics.Select(metric => (string[])[metric.Name, $"{metric.Step}", Short(metric.Value)]));
    }

    private static void WriteRun(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteString("run", run.Id);
        json.WriteString("kind", run.Kind);
        json.WriteString("status", run.Status);
        if (run.Message is { } message)
            json.WriteString("message", message);
        json.WriteString("started", run.Started);
        json.WriteString("updated", run.Updated);
        json.WriteString("settings", run.Configuration);
        json.WriteStartObject("figures");
        foreach (var (figure, value) in run.Figures)
            JsonNumbers.Write(json, figure, value);
        json.WriteEndObject();
    }

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
