using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Recipes;
using Attune.Training;

namespace Attune.Cli.Shell;

/// <summary>What the verbs that train have in common: settings that override others, and how a run is shown.</summary>
internal sealed class RecipeRun
{
    private readonly Option<string?> folder = new("--out")
    {
        Description = "The folder that models, checkpoints and records go to. A run that was cut off goes on from there. Default: runs/NAME.",
        HelpName = "folder",
    };

    private readonly Option<string[]> overrides = new("--set")
    {
        Description = "Set a key of the recipe, as in --set training.steps=100; may be given several times.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[folder, overrides, SharedOptions.Seed, SharedOptions.Json])
            verb.Add(option);
    }

    /// <summary>The settings that have the last word.</summary>
    public IEnumerable<string> Overrides(Invocation invocation)
    {
        var given = invocation.Get(overrides)!;
        return invocation.Has(SharedOptions.Seed) ? [string.Create(CultureInfo.InvariantCulture, $"seeds=[{invocation.Seed}]"), .. given] : given;
    }

    /// <summary>Runs a recipe and shows what came of it.</summary>
    public int Run(Invocation invocation, RecipeFields recipe)
    {
        var outcomes = RecipeRunner.Run(
            recipe, invocation.Get(folder), title => [new TrainingProgress(invocation.Error, title, StatusLine.OnTerminal)], invocation.Cancellation);
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, outcomes));
        else
            Print(invocation, outcomes);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, IReadOnlyList<RecipeOutcome> outcomes)
    {
        string[] figures = [.. Figures(outcomes[0]).Select(figure => figure.Name)];
        invocation.WriteTable(
            [">seed", ">updates", ">training loss", .. figures.Select(figure => ">" + figure), "model"],
            outcomes.Select(outcome => (string[])
            [
                $"{outcome.Seed}",
                outcome.Training.State.Step.ToString("N0", CultureInfo.InvariantCulture),
                Short(outcome.Training.State.LastLoss),
                .. Figures(outcome).Select(figure => Short(figure.Value)),
                outcome.Folder,
            ]));
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<RecipeOutcome> outcomes)
    {
        json.WriteStartArray();
        foreach (var outcome in outcomes)
        {
            json.WriteStartObject();
            json.WriteNumber("seed", outcome.Seed);
            json.WriteString("end", outcome.Training.End is TrainingEnd.StoppedEarly ? "stopped early" : "completed");
            json.WriteNumber("steps", outcome.Training.State.Step);
            json.WriteNumber("tokens", outcome.Training.State.Tokens);
            JsonNumbers.Write(json, "training_loss", outcome.Training.State.LastLoss);
            json.WriteStartObject("figures");
            foreach (var (figure, value) in Figures(outcome))
                JsonNumbers.Write(json, figure, value);
            json.WriteEndObject();
            json.WriteStartArray("evaluations");
            foreach (var (step, result) in outcome.Evaluations)
            {
                json.WriteStartObject();
                json.WriteNumber("step", step);
                foreach (var (figure, value) in result.AllFigures())
                    JsonNumbers.Write(json, figure, value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model", outcome.Folder);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<(string Name, double Value)> Figures(RecipeOutcome outcome) => outcome.Training.Evaluation?.AllFigures() ?? [];

    private static string Short(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";
}
