using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Diagnostics;

namespace Attune.Cli.Commands;

/// <summary><c>attune inspect</c>: what a model costs, without building it.</summary>
internal sealed class InspectCommand : Verb
{
    private readonly Argument<string> model = new("model")
    {
        Description = "A model folder, or a config.json alone, or the name of a pulled model.",
    };

    private readonly Option<int> batch = NumberOption.Make("--batch", "Sequences of the batch that is measured.", "count", 1, 1, 1_000_000);

    private readonly Option<int?> length = NumberOption.MakeOptional(
        "--length", "Tokens of each sequence. Default: 128, or what the model takes if that is less.", "count", 1, 10_000_000);

    /// <summary>Declares the verb.</summary>
    public InspectCommand()
        : base(
            "inspect",
            "Shows parameters, multiply-adds and memory of a model from its configuration, without building it: any size can be asked for.",
            "attune inspect models/bert",
            "attune inspect config.json --batch 8 --length 512",
            "attune inspect models/gpt2 --json")
    {
        Add(model);
        Add(batch);
        Add(length);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var costs = ModelCosts.Of(PulledFolder.Find(invocation.Get(model)), invocation.Get(batch), invocation.Get(length));
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, costs));
        else
            Print(invocation, costs);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, ModelCosts costs)
    {
        invocation.WriteFields(
            ("family", costs.Family),
            ("heads", costs.Heads.Count == 0 ? "none" : string.Join(", ", costs.Heads)),
            ("capabilities", $"{costs.Capabilities}"),
            ("width", Whole(costs.Width)),
            ("longest sequence", costs.MaxLength is { } most ? Whole(most) : "any"));
        invocation.WriteTable(
            ["part", ">parameters"],
            [.. costs.Parts.Select(part => (string[])[part.Part, Whole(part.Parameters)]), ["all", Whole(costs.Parameters)]]);
        invocation.WriteFields(
            ("weights", Size(costs.WeightBytes)),
            ($"forward pass of {Whole(costs.Sequences)} x {Whole(costs.Length)} tokens", $"{Whole(costs.MultiplyAdds)} multiply-adds"),
            ("training step with Adam", $"about {Size(costs.TrainingBytes)}"));
    }

    private static void Write(Utf8JsonWriter json, ModelCosts costs)
    {
        json.WriteStartObject();
        json.WriteString("family", costs.Family);
        json.WriteStartArray("heads");
        foreach (var head in costs.Heads)
            json.WriteStringValue(head);
        json.WriteEndArray();
        json.WriteStartArray("capabilities");
        foreach (var capability in $"{costs.Capabilities}".Split(", "))
            json.WriteStringValue(capability);
        json.WriteEndArray();
        json.WriteNumber("width", costs.Width);
        if (costs.MaxLength is { } most)
            json.WriteNumber("max_length", most);
        json.WriteNumber("parameters", costs.Parameters);
        json.WriteStartObject("parts");
        foreach (var (part, parameters) in costs.Parts)
            json.WriteNumber(part, parameters);
        json.WriteEndObject();
        json.WriteNumber("sequences", costs.Sequences);
        json.WriteNumber("length", costs.Length);
        json.WriteNumber("multiply_adds", costs.MultiplyAdds);
        json.WriteNumber("weight_bytes", costs.WeightBytes);
        json.WriteNumber("result_bytes", costs.ResultBytes);
        json.WriteNumber("training_bytes", costs.TrainingBytes);
        json.WriteEndObject();
    }

    private static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:N1} GB");
}
