using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Analysis;
using Attune.Backbones.Folders;
using Attune.Cli.Shell;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Cli.Commands;

/// <summary><c>attune prune-heads</c>: which heads of attention matter, and a model without those that do not.</summary>
internal sealed class PruneHeadsCommand : Verb
{
    private readonly LabelledData data = new();

    private readonly Argument<string> model = new("model")
    {
        Description = "The model folder, with its tokenizer, or the name of a pulled model.",
    };

    private readonly Option<string?> text = new("--text")
    {
        Description = "A file or folder of text to measure heads by, for language models.",
        HelpName = "path",
    };

    private readonly Option<string[]> heads = new("--heads")
    {
        Description = "Heads to cut out, as layer:head,head (counted from 0); may be given several times.",
        HelpName = "layer:heads",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<double?> share = NumberOption.MakeOptional("--share", "Cut out this share of all heads, the least important ones first.", "share", 0.0, 1.0);

    private readonly Option<bool> byLayer = new("--by-layer")
    {
        Description = "Compare importances relative to their layer instead of over all layers.",
    };

    private readonly Option<int> examples = NumberOption.Make("--examples", "The most examples to measure heads by.", "count", 1000, 1, int.MaxValue);

    private readonly Option<string?> folder = new("--out")
    {
        Description = "Where to save the smaller model; without it, heads are measured only.",
        HelpName = "folder",
    };

    /// <summary>Declares the verb.</summary>
    public PruneHeadsCommand()
        : base(
            "prune-heads",
            "Measures how much each head of attention matters on data, and saves a model without some of them.",
            "attune prune-heads models/sentiment --data dev.csv",
            "attune prune-heads models/sentiment --data dev.csv --share 0.25 --out models/sentiment-small",
            "attune prune-heads models/bert --heads 0:3,5 --heads 11:0 --out models/bert-pruned")
    {
        Add(model);
        data.AddTo(this, required: false);
        foreach (Option option in (Option[])[text, heads, share, byLayer, examples, folder, SharedOptions.Seed, SharedOptions.Json])
            Add(option);
    }

    private string Folder(Invocation invocation) => PulledFolder.Find(invocation.Get(model));

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var measures = data.File(invocation) is not null || invocation.Get(text) is not null;
        var named = Parse(invocation.Get(heads)!);
        if (!measures && (invocation.Get(share) is not null || named.Count == 0))
            throw new UsageException("give --data or --text to measure heads by, or --heads to cut out.");
        if (named.Count > 0 && invocation.Get(share) is not null)
            throw new UsageException("give either --heads or --share.");
        if (invocation.Get(folder) is null && (named.Count > 0 || invocation.Get(share) is not null))
            throw new UsageException("--out is missing: where shall the smaller model be saved?");
        var (importance, whole) = measures ? Measure(invocation) : (null, ModelFolder.Load(Folder(invocation), Catalog.Backbones.All).Model);
        if (invocation.Get(share) is { } part)
            named = (invocation.Get(byLayer) ? importance!.Normalised() : importance!).Least(part).ToLookup(head => head.Block, head => head.Head)
                .ToDictionary(block => block.Key, block => (IReadOnlyList<int>)[.. block.Order()]);
        Print(invocation, importance, named);
        if (invocation.Get(folder) is { } target)
            Save(invocation, whole, named, target);
        return ExitCode.Ok;
    }

    private (HeadImportance? Importance, Model Model) Measure(Invocation invocation)
    {
        RecipeSettings recipe = new("prune-heads");
        data.Fill(invocation, recipe);
        recipe.Text("data.text", invocation.Get(text));
        recipe.Number<int>("data.validation_share", 0);
        return HeadAnalysis.Measure(Folder(invocation), recipe.Make([]), invocation.Get(examples), invocation.Seed, invocation.Cancellation);
    }

    private void Save(Invocation invocation, Model whole, Dictionary<int, IReadOnlyList<int>> cut, string target)
    {
        var (_, family) = ModelFolder.ReadConfig(Folder(invocation), Catalog.Backbones.All);
        ModelFolder.Save(HeadPruner.Prune(whole, family, cut), family, target);
        Tokenizer.LoadFolder(Folder(invocation)).Save(target);
    }

    private static Dictionary<int, IReadOnlyList<int>> Parse(string[] given)
    {
        Dictionary<int, IReadOnlyList<int>> parsed = [];
        foreach (var entry in given)
        {
            var parts = entry.Split(':');
            if (parts.Length != 2 || !Number(parts[0], out var layer) || !parts[1].Split(',').All(head => Number(head, out _)))
                throw new UsageException($"--heads: found '{entry}', expected layer:head,head as in 0:3,5.");
            parsed[layer] = [.. parsed.GetValueOrDefault(layer, []).Concat(parts[1].Split(',').Select(head => int.Parse(head, CultureInfo.InvariantCulture))).Distinct()];
        }

        return parsed;
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static void Print(Invocation invocation, HeadImportance? importance, Dictionary<int, IReadOnlyList<int>> cut)
    {
        if (invocation.Json)
        {
            invocation.WriteJson(json => Write(json, importance, cut));
            return;
        }

        if (importance is not null)
        {
            var most = importance.ByBlock.Max(layer => layer.Count);
            invocation.WriteTable(
                ["layer", .. Enumerable.Range(0, most).Select(head => $">head {head}")],
                importance.ByBlock.Select((layer, number) => (string[])
                [
                    $"{number}", .. Enumerable.Range(0, most).Select(head => head < layer.Count ? layer[head].ToString("G3", CultureInfo.InvariantCulture) : ""),
                ]));
        }

        foreach (var (layer, gone) in cut.OrderBy(entry => entry.Key))
            invocation.Output.WriteLine($"cut out of layer {layer}: {string.Join(", ", gone)}");
    }

    private static void Write(Utf8JsonWriter json, HeadImportance? importance, Dictionary<int, IReadOnlyList<int>> cut)
    {
        json.WriteStartObject();
        if (importance is not null)
        {
            json.WriteStartArray("importance");
            foreach (var layer in importance.ByBlock)
            {
                json.WriteStartArray();
                foreach (var value in layer)
                    json.WriteNumberValue(value);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("pruned_heads");
        foreach (var (layer, gone) in cut.OrderBy(entry => entry.Key))
        {
            json.WriteStartArray(layer.ToString(CultureInfo.InvariantCulture));
            foreach (var head in gone)
                json.WriteNumberValue(head);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
