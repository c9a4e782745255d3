using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Recipes;

namespace Attune.Cli.Commands;

/// <summary><c>attune run</c>: everything that a recipe names, once for each of its seeds.</summary>
internal sealed class RunCommand : Verb
{
    private static readonly Argument<string> Recipe = new("recipe")
    {
        Description = "The recipe, a YAML file.",
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "Overrides a key of the recipe, as in training.steps=100. May be given several times.",
        HelpName = "key=value",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "The folder for models, checkpoints and records. Default: the recipe's own, or runs/NAME. A run that was cut off goes on there.",
        HelpName = "folder",
    };

    /// <summary>Declares the verb.</summary>
    public RunCommand()
        : base(
            "run",
            "Runs a recipe: tokenizer, data, model, objective or task, and training from one file.",
            "attune run recipes/shakespeare-char-gpt.yaml",
            "attune run recipes/pydoc-mlm-bert.yaml --set training.steps=200 --set seeds=[0] --out runs/short",
            "attune run recipes/trec6-minilm-finetune.yaml --json")
    {
        Add(Recipe);
        Add(Set);
        Add(Out);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        RecipeFields recipe = RecipeFile.Load(invocation.Get(Recipe), invocation.Get(Set));
        IReadOnlyList<RecipeOutcome> outcomes = RecipeRunner.Run(
            recipe, invocation.Get(Out),
            what => [new TrainingProgress(invocation.Error, what, TrainingProgress.OnTerminal)],
            invocation.Cancellation);
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, outcomes));
        else
            Print(invocation, outcomes);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, IReadOnlyList<RecipeOutcome> outcomes)
    {
        string[] figures = [.. outcomes[0].Training.Evaluation?.Figures.Select(f => f.Name) ?? []];
        invocation.WriteTable(
            [">seed", ">updates", ">training loss", ">validation loss", .. figures.Select(f => ">" + f), "model"],
            outcomes.Select(o => (IReadOnlyList<string>)
            [
                o.Seed.ToString(CultureInfo.InvariantCulture),
                o.Training.State.Step.ToString("N0", CultureInfo.InvariantCulture),
                Number(o.Training.State.LastLoss),
                Number(o.Training.Evaluation?.Loss ?? double.NaN),
                .. o.Training.Evaluation?.Figures.Select(f => Number(f.Value)) ?? [],
                o.Folder,
            ]));
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<RecipeOutcome> outcomes)
    {
        json.WriteStartArray();
        foreach (RecipeOutcome outcome in outcomes)
        {
            json.WriteStartObject();
            json.WriteNumber("seed", outcome.Seed);
            json.WriteString("end", outcome.Training.End.ToString());
            json.WriteNumber("steps", outcome.Training.State.Step);
            json.WriteNumber("training_loss", outcome.Training.State.LastLoss);
            json.WriteString("model", outcome.Folder);
            json.WriteStartArray("evaluations");
            foreach ((long step, var result) in outcome.Evaluations)
            {
                json.WriteStartObject();
                json.WriteNumber("step", step);
                json.WriteNumber("loss", result.Loss);
                foreach ((string name, double value) in result.Figures)
                    json.WriteNumber(name, value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";
}
