using System.CommandLine;
using Attune.Cli.Shell;
using Attune.Nn.Mixers;

namespace Attune.Cli.Commands;

/// <summary><c>attune matrix</c>: which objective, task and mixer fits which backbone.</summary>
internal sealed class MatrixCommand : Verb
{
    private readonly Option<bool> why = new("--why")
    {
        Description = "Say what is missing where something does not fit, and what is lost where a mixer fits partly.",
    };

    private readonly Option<string?> mixer = new("--mixer")
    {
        Description = "Show objectives and tasks with this mixer in the blocks of every backbone.",
        HelpName = "NAME",
    };

    /// <summary>Declares the verb.</summary>
    public MatrixCommand()
        : base(
            "matrix",
            "Shows which objectives, tasks and mixers fit which backbones, and what a backbone lacks where one does not.",
            "attune matrix",
            "attune matrix --why",
            "attune matrix --mixer lightweight-conv",
            "attune matrix --json")
    {
        Add(why);
        Add(mixer);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        MixerKind? chosen = invocation.Get(mixer) is { } name ? Catalog.Mixers.Get(name) : null;
        if (invocation.Json)
            Write(invocation, chosen);
        else
            Print(invocation, chosen);
        return ExitCode.Ok;
    }

    private void Print(Invocation invocation, MixerKind? chosen)
    {
        var rows = CompatibilityMatrix.Cells(chosen).GroupBy(cell => cell.Backbone).ToArray();
        invocation.WriteTable(
            [chosen is null ? "backbone" : "with " + chosen.Name, .. rows[0].Select(cell => cell.Learnable)],
            rows.Select(row => (string[])[row.Key, .. row.Select(cell => Mark(cell.Missing))]));
        if (chosen is not null)
            return;
        var mixers = CompatibilityMatrix.MixerCells().GroupBy(cell => cell.Backbone).ToArray();
        invocation.WriteTable(
            ["backbone with mixer", .. mixers[0].Select(cell => cell.Mixer)],
            mixers.Select(row => (string[])[row.Key, .. row.Select(cell => cell.Lost is null ? Mark(cell.Missing) : Partly(cell.Lost))]));

        string Partly(string lost) => invocation.Get(why) ? $"yes, but no longer {lost}" : "partly";

        string Mark(string? missing) => missing is null ? "yes" : invocation.Get(why) ? missing : "-";
    }

    // All cells of backbone, mixer and objective or task, unless one mixer was asked for.
    private static void Write(Invocation invocation, MixerKind? chosen) =>
        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            IEnumerable<MixerKind?> kinds = chosen is null ? [null, .. Catalog.Mixers.All] : [chosen];
            foreach (var cell in kinds.SelectMany(CompatibilityMatrix.Cells))
                Cell(cell.Backbone, cell.Mixer, cell.IsTask ? "task" : "objective", cell.Learnable, cell.Missing, null);
            foreach (var cell in CompatibilityMatrix.MixerCells().Where(cell => chosen is null || cell.Mixer == chosen.Name))
                Cell(cell.Backbone, cell.Mixer, null, null, cell.Missing, cell.Lost);
            json.WriteEndArray();

            void Cell(string backbone, string? mixer, string? axis, string? name, string? missing, string? lost)
            {
                json.WriteStartObject();
                json.WriteString("backbone", backbone);
                if (mixer is not null)
                    json.WriteString("mixer", mixer);
                if (axis is not null)
                    json.WriteString(axis, name);
                json.WriteBoolean("fits", missing is null);
                if (missing is not null)
                    json.WriteString("missing", missing);
                if (lost is not null)
                    json.WriteString("lost", lost);
                json.WriteEndObject();
            }
        });
}
