using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Cli.Commands;

/// <summary><c>attune matrix</c>: which objective and task fits which backbone.</summary>
internal sealed class MatrixCommand : Verb
{
    private readonly Option<bool> why = new("--why")
    {
        Description = "Say what is missing where something does not fit.",
    };

    /// <summary>Declares the verb.</summary>
    public MatrixCommand()
        : base(
            "matrix",
            "Shows which objectives and tasks fit which backbones, and what a backbone lacks where one does not.",
            "attune matrix",
            "attune matrix --why",
            "attune matrix --json")
    {
        Add(why);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        CompatibilityCell[] cells = [.. CompatibilityMatrix.Cells()];
        if (invocation.Json)
            Write(invocation, cells);
        else
            Print(invocation, cells);
        return ExitCode.Ok;
    }

    private void Print(Invocation invocation, CompatibilityCell[] cells)
    {
        var rows = cells.GroupBy(cell => cell.Backbone).ToArray();
        invocation.WriteTable(
            ["backbone", .. rows[0].Select(cell => cell.Learnable)],
            rows.Select(row => (string[])[row.Key, .. row.Select(cell => cell.Fits ? "yes" : invocation.Get(why) ? cell.Missing! : "-")]));
    }

    private static void Write(Invocation invocation, CompatibilityCell[] cells) =>
        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (var cell in cells)
            {
                json.WriteStartObject();
                json.WriteString("backbone", cell.Backbone);
                json.WriteString(cell.IsTask ? "task" : "objective", cell.Learnable);
                json.WriteBoolean("fits", cell.Fits);
                if (cell.Missing is { } missing)
                    json.WriteString("missing", missing);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
}
