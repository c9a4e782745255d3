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
        string corner = chosen is null ? "backbone" : "with " + chosen.Name;
        var axes = CompatibilityMatrix.Cells(chosen).GroupBy(cell => cell.IsTask, cell => new Place(cell.Backbone, cell.Learnable, cell.Missing, null)).ToArray();
        foreach (var axis in axes)
            PrintAxis(invocation, corner, axis.Key ? "Tasks" : "Objectives", [.. axis]);
        if (chosen is null)
            PrintAxis(invocation, corner, "Mixers", [.. CompatibilityMatrix.MixerCells().Select(cell => new Place(cell.Backbone, cell.Mixer, cell.Missing, cell.Lost))]);
    }

    // Columns are numbered, so that a table is no wider than a terminal; their names stand above it.
    private void PrintAxis(Invocation invocation, string corner, string title, Place[] places)
    {
        string[] names = [.. places.Select(place => place.Column).Distinct()];
        invocation.Output.WriteLine($"{title}: {string.Join(", ", names.Index().Select(name => $"{name.Index + 1} {name.Item}"))}");
        if (places.Any(place => place.Lost is not null))
            invocation.Output.WriteLine("x fits, (x) fits in part, - does not fit");
        invocation.WriteTable(
            [corner, .. names.Index().Select(name => $"{name.Index + 1}")],
            places.GroupBy(place => place.Backbone).Select(row => (string[])[row.Key, .. row.Select(place => place.Mark)]));
        if (!invocation.Get(why))
            return;
        invocation.WriteTable(
            [corner, "why", title.ToLowerInvariant()],
            places.Where(place => place.Remark is not null).GroupBy(place => (place.Backbone, place.Remark)).Select(
                group => (string[])[group.Key.Backbone, group.Key.Remark!, string.Join(", ", group.Select(place => place.Column))]));
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

    /// <summary>Where a backbone meets an objective, a task or a mixer.</summary>
    private readonly record struct Place(string Backbone, string Column, string? Missing, string? Lost)
    {
        public string Mark => Missing is not null ? "-" : Lost is not null ? "(x)" : "x";

        public string? Remark => Missing ?? (Lost is null ? null : "is no longer " + Lost);
    }
}
