using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Formats;
using Attune.Parity;

namespace Attune.Cli.Commands;

/// <summary><c>attune parity FOLDER</c>: every golden case below a folder, one line each.</summary>
internal sealed class ParityCommand : Verb
{
    private readonly Argument<string> folder = new("folder")
    {
        Description = "A folder of golden cases, or one above them.",
    };

    /// <summary>Declares the verb.</summary>
    public ParityCommand()
        : base(
            "parity",
            "Runs every golden case below a folder and compares outputs, gradients, optimizer steps and tokenizer lines with the reference. "
            + "Ends with 1 if a case fails; cases of families that are not known are named and do not count.",
            "attune parity tests/Goldens",
            "attune parity tests/Goldens/bert --json")
    {
        Add(folder);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var results = new ParityRunner().Run(invocation.Get(folder), invocation.Cancellation);
        return invocation.Json ? WriteAll(invocation, [.. results]) : PrintEach(invocation, results);
    }

    private int PrintEach(Invocation invocation, IEnumerable<ParityResult> results)
    {
        var counts = new int[3];
        SortedSet<string> unknown = new(StringComparer.Ordinal);
        foreach (var result in results)
        {
            counts[(int)result.Status]++;
            if (result.Status is ParityStatus.Unknown)
                unknown.Add(result.Subject ?? result.Case);
            invocation.Output.WriteLine(Line(result));
            invocation.Output.Flush();
        }

        RequireCases(invocation.Get(folder), counts.Sum());
        if (unknown.Count > 0)
            invocation.Output.WriteLine($"not known: {string.Join(", ", unknown)}");
        invocation.Output.WriteLine(
            $"{counts[(int)ParityStatus.Passed]} passed, {counts[(int)ParityStatus.Failed]} failed, {counts[(int)ParityStatus.Unknown]} not known");
        return ExitCodeFor(counts[(int)ParityStatus.Failed]);
    }

    private int WriteAll(Invocation invocation, IReadOnlyList<ParityResult> results)
    {
        RequireCases(invocation.Get(folder), results.Count);
        var failed = results.Count(result => result.Status is ParityStatus.Failed);
        invocation.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("passed", results.Count(result => result.Status is ParityStatus.Passed));
            json.WriteNumber("failed", failed);
            json.WriteNumber("unknown", results.Count(result => result.Status is ParityStatus.Unknown));
            json.WriteStartArray("cases");
            foreach (var result in results)
                Write(json, result);
            json.WriteEndArray();
            json.WriteEndObject();
        });
        return ExitCodeFor(failed);
    }

    // A check of nothing must not look like a check that passed.
    private static void RequireCases(string folder, int cases)
    {
        if (cases == 0)
            throw new AttuneFormatException("no golden case lies below this folder. Name one that holds cases, as tests/Goldens does.", folder);
    }

    private static int ExitCodeFor(int failed) => failed == 0 ? ExitCode.Ok : ExitCode.Failed;

    private static string Line(ParityResult result)
    {
        List<string> parts = [$"{Word(result.Status),-7}", result.Case];
        Add("outputs", result.Outputs);
        Add("gradients", result.Gradients);
        Add("steps", result.Steps);
        if (result.Lines is { } lines)
            parts.Add($"lines {lines.Total - lines.Wrong}/{lines.Total}");
        if (result.Message.Length > 0)
            parts.Add(result.Message);
        return string.Join("  ", parts);

        void Add(string name, ParityMeasure? measure)
        {
            if (measure is not null)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {measure.Error:0.0e-0}"));
        }
    }

    private static string Word(ParityStatus status) => status switch
    {
        ParityStatus.Passed => "passed",
        ParityStatus.Failed => "FAILED",
        _ => "unknown",
    };

    private static void Write(Utf8JsonWriter json, ParityResult result)
    {
        json.WriteStartObject();
        json.WriteString("case", result.Case);
        json.WriteString("layout", result.Layout);
        json.WriteString("status", Word(result.Status).ToLowerInvariant());
        json.WriteString("subject", result.Subject);
        Write("outputs", result.Outputs);
        Write("gradients", result.Gradients);
        Write("steps", result.Steps);
        if (result.Lines is { } lines)
        {
            json.WriteStartObject("lines");
            json.WriteNumber("total", lines.Total);
            json.WriteNumber("wrong", lines.Wrong);
            json.WriteEndObject();
        }

        json.WriteString("message", result.Message);
        json.WriteEndObject();

        void Write(string name, ParityMeasure? measure)
        {
            if (measure is null)
                return;
            json.WriteStartObject(name);
            // JSON has no infinity; a null error is one that no number describes (a shape that differs, say).
            JsonNumbers.Write(json, "error", measure.Error);
            JsonNumbers.Write(json, "share", measure.Share);
            json.WriteString("worst", measure.Worst);
            json.WriteNumber("tensors", measure.Tensors);
            json.WriteEndObject();
        }
    }
}
