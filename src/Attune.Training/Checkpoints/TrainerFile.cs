using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Training.Checkpoints;

/// <summary>A trainer's state in a checkpoint, with the identity of the run it belongs to.</summary>
internal static class TrainerFile
{
    public const string Name = "trainer.json";

    private const string Data = "data", Origins = "origins";

    private const string Advice = "Continue with the settings the run was started with, or start in an empty folder.";

    private const string DataAdvice =
        "Continue with the data the run was started with, or start in an empty folder. To go on with the changed data on purpose, "
        + $"set data.accept_changes to true in the recipe ({nameof(TrainerOptions)}.{nameof(TrainerOptions.AcceptChangedData)}).";

    public static void Save(TrainerState state, RunIdentity identity, string folder)
    {
        var run = new JsonObject();
        foreach ((string name, string value) in identity.Fields)
            run[name] = value;
        run[Data] = identity.Data;
        run[Origins] = Object(identity.Origins);
        run["settings"] = Object(identity.Settings);
        var json = new JsonObject
        {
            ["step"] = state.Step,
            ["tokens"] = state.Tokens,
            ["examples"] = state.Examples,
            ["last_loss"] = Finite(state.LastLoss),
            ["best_figure"] = Finite(state.BestFigure),
            ["best_step"] = state.BestStep,
            ["evaluated_step"] = state.EvaluatedStep,
            ["evaluations_without_improvement"] = state.EvaluationsWithoutImprovement,
            ["stopped_early"] = state.StoppedEarly,
            ["run"] = run,
        };
        AtomicFile.WriteAllText(Path.Combine(folder, Name), json.ToJsonString());
    }

    /// <summary>Reads the state.</summary>
    /// <param name="identity">The run that wants to go on.</param>
    /// <param name="acceptChangedData">Whether its data may be others than those it began with.</param>
    /// <param name="folder">The checkpoint.</param>
    /// <exception cref="AttuneFormatException">A field is missing or wrong, or the checkpoint belongs to another run.</exception>
    public static TrainerState Load(RunIdentity identity, bool acceptChangedData, string folder)
    {
        JsonFields json = JsonFields.Load(Path.Combine(folder, Name));
        JsonFields run = json.Child("run");
        foreach ((string name, string value) in identity.Fields)
            RequireSame(run, name, value, Advice);
        if (!acceptChangedData)
            RequireSameData(run, identity);
        JsonFields settings = run.Child("settings");
        foreach (Setting setting in identity.Settings)
            RequireSame(settings, setting.Name, setting.Value, Advice);
        return new TrainerState
        {
            Step = AtLeast(json, "step", 0),
            Tokens = AtLeast(json, "tokens", 0),
            Examples = AtLeast(json, "examples", 0),
            LastLoss = json.Float("last_loss", double.NaN),
            BestFigure = json.Float("best_figure", double.NaN),
            BestStep = AtLeast(json, "best_step", -1),
            EvaluatedStep = AtLeast(json, "evaluated_step", -1),
            EvaluationsWithoutImprovement = (int)Math.Min(AtLeast(json, "evaluations_without_improvement", 0), int.MaxValue),
            StoppedEarly = json.Bool("stopped_early"),
        };
    }

    private static void RequireSameData(JsonFields run, RunIdentity identity)
    {
        JsonFields origins = run.ChildOrNull(Origins) ?? throw run.Error(Origins, "digests of the data", DataAdvice);
        foreach (Setting origin in identity.Origins)
            RequireSame(origins, origin.Name, origin.Value, DataAdvice);
        if (origins.Keys.Except(identity.Origins.Select(origin => origin.Name)).FirstOrDefault() is { } gone)
            throw origins.Error(gone, "nothing, as this run has it", DataAdvice);
        RequireSame(run, Data, identity.Data, DataAdvice);
    }

    private static void RequireSame(JsonFields run, string name, string value, string advice)
    {
        if (run.StringOrNull(name) != value)
            throw run.Error(name, $"'{value}' as this run has it", advice);
    }

    private static JsonObject Object(IReadOnlyList<Setting> settings) =>
        new(settings.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)JsonValue.Create(s.Value))));

    // JSON has no NaN; null stands for "not yet".
    private static JsonNode? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static long AtLeast(JsonFields json, string name, long least)
    {
        long value = json.Long(name);
        return value >= least ? value : throw json.Error(name, $"a number of at least {least}");
    }
}
