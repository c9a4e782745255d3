using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Cli.Commands;

/// <summary><c>attune matrix</c>: which objective, task and mixer fits which backbone.</summary>
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
            "Shows which objectives, tasks and mixers fit which backbones, and what a backbone lacks where one does not.",
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
            rows.Select(row => (string[])[row.Key, .. row.Select(cell => Mark(cell.Missing))]));
        var mixers = CompatibilityMatrix.MixerCells().GroupBy(cell => cell.Backbone).ToArray();
        invocation.WriteTable(
            ["backbone with mixer", .. mixers[0].Select(cell => cell.Mixer)],
            mixers.Select(row => (string[])[row.Key, .. row.Select(cell => Mark(cell.Missing))]));

        string Mark(string? missing) => missing is null ? "yes" : invocation.Get(why) ? missing : "-";
    }

    private static void Write(Invocation invocation, CompatibilityCell[] cells) =>
        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (var cell in cells)
                Cell(cell.Backbone, cell.IsTask ? "task" : "objective", cell.Learnable, cell.Missing);
            foreach (var cell in CompatibilityMatrix.MixerCells())
                Cell(cell.Backbone, "mixer", cell.Mixer, cell.Missing);
            json.WriteEndArray();

            void Cell(string backbone, string axis, string name, string? missing)
            {
                json.WriteStartObject();
                json.WriteString("backbone", backbone);
                json.WriteString(axis, name);
                json.WriteBoolean("fits", missing is null);
                if (missing is not null)
                    json.WriteString("missing", missing);
                json.WriteEndObject();
            }
        });
}
