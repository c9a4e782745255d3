using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Recipes;
using Attune.Tensors;
using Attune.Training;

namespace Attune.Cli.Commands;

/// <summary><c>attune evaluate</c>: how good a model is on data.</summary>
internal sealed class EvaluateCommand : Verb
{
    private readonly LabelledData data = new();

    private readonly Argument<string> model = new("model")
    {
        Description = "The model folder, with its tokenizer, or the name of a pulled model.",
    };

    private readonly Option<string?> text = new("--text")
    {
        Description = "A file or folder of text, for language models.",
        HelpName = "path",
    };

    private readonly Option<string?> task = new("--task")
    {
        Description = "The task to measure. Default: what the model's head was made for.",
        HelpName = "name",
    };

    private readonly Option<int?> length = NumberOption.MakeOptional("--length", "The most tokens of an example. Default: 128, or what the model takes if that is less.", "count", 3, 1_000_000);
    private readonly Option<int?> batch = NumberOption.MakeOptional("--batch", "The examples computed at once.", "count", 1, 1_000_000);

    private readonly PrecisionOption precision = new("The arithmetic of products with weights.", Precisions.All);

    private readonly Option<string[]> overrides = new("--set")
    {
        Description = "Set a key of the recipe, as in --set data.header=false; may be given several times.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Declares the verb.</summary>
    public EvaluateCommand()
        : base(
            "evaluate",
            "Measures a model on labelled data (accuracy, F1, exact match, ...) or on text (loss, perplexity).",
            "attune evaluate runs/sentiment/seed-0/model --data test.csv",
            "attune evaluate runs/squad/seed-0/model --data dev-v2.0.json --length 384",
            "attune evaluate runs/names/seed-0/model --data test.conll",
            "attune evaluate models/bert --text wiki.test.txt --json")
    {
        Add(model);
        data.AddTo(this, required: false);
        foreach (Option option in (Option[])[text, task, length, batch, precision.Option, overrides, SharedOptions.Seed, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var running = invocation.Get(text);
        if (running is null == data.File(invocation) is null)
            throw new UsageException("give either --data (labelled) or --text.");
        RecipeSettings recipe = new("evaluate");
        data.Fill(invocation, recipe);
        recipe.Text("data.text", running);
        recipe.Number<int>("data.validation_share", 0);
        recipe.Number(running is null ? "data.max_length" : "data.length", invocation.Get(length));
        recipe.Text("task.name", invocation.Get(task));
        recipe.Number("evaluation.batch", invocation.Get(batch));
        recipe.Text("evaluation.precision", precision.Read(invocation) is { } chosen ? Precisions.NameOf(chosen) : null);
        recipe.Number<ulong>("evaluation.seed", invocation.Seed);
        var evaluation = Measure(invocation, recipe.Make(invocation.Get(overrides)!));
        var result = evaluation.Result;
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, evaluation));
        else
            invocation.WriteFields([("measured by", evaluation.Learnable), ("on", evaluation.Data), .. Figures(result).Select(figure => (figure.Name, figure.Value.ToString("0.####", CultureInfo.InvariantCulture)))]);
        return ExitCode.Ok;
    }

    private RecipeEvaluation Measure(Invocation invocation, RecipeFields recipe)
    {
        using var progress = EvaluationProgress.OnTerminal(invocation);
        return RecipeEvaluator.Run(PulledFolder.Find(invocation.Get(model)), recipe, progress, invocation.Cancellation);
    }

    private static void Write(Utf8JsonWriter json, RecipeEvaluation evaluation)
    {
        var result = evaluation.Result;
        json.WriteStartObject();
        json.WriteString("measured_by", evaluation.Learnable);
        json.WriteString("data", evaluation.Data);
        foreach (var (figure, value) in Figures(result))
            JsonNumbers.Write(json, figure, value);
        json.WriteNumber("labels", result.Labels);
        json.WriteNumber("tokens", result.Tokens);
        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, double Value)> Figures(EvaluationResult result) =>
        result.Figures.Count > 0 ? [("loss", result.Loss), .. result.Figures] : [("loss", result.Loss), ("perplexity", Math.Exp(result.Loss))];
}
