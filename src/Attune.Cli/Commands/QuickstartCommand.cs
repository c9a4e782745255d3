using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Quickstart;
using Attune.Training.Tracking;

namespace Attune.Cli.Commands;

/// <summary><c>attune quickstart</c>: the whole path on this machine in a few minutes.</summary>
internal sealed class QuickstartCommand : Verb
{
    private static readonly Option<string> Out = new("--out")
    {
        Description = "The folder for models, records and the report. A run that was cut off goes on there.",
        HelpName = "folder",
        DefaultValueFactory = _ => "attune-quickstart",
    };

    private static readonly Option<double> Minutes = NumberOption.Make(
        "--minutes", "About how long it takes on two cores; scales the number of updates.", "minutes", 4.0, 0.05, 100_000);

    private static readonly Option<string?> Text = new("--text")
    {
        Description = "A file or folder of text to learn from, instead of the documentation of the installed .NET SDK.",
        HelpName = "path",
    };

    /// <summary>Declares the verb.</summary>
    public QuickstartCommand()
        : base(
            "quickstart",
            "Pre-trains a small BERT on text that every .NET developer has, fine-tunes it beside a twin that was not pre-trained, and asks both.",
            "attune quickstart",
            "attune quickstart --minutes 10 --seed 7 --out runs/seven",
            "attune quickstart --text my-notes/ --json")
    {
        Add(Out);
        Add(Minutes);
        Add(Text);
        Add(SharedOptions.Seed);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var options = new QuickstartOptions
        {
            Folder = invocation.Get(Out)!,
            Minutes = invocation.Get(Minutes),
            Text = invocation.Get(Text),
            Seed = invocation.Seed,
        };
        QuickstartResult result = QuickstartRun.Run(options, new Progress(invocation.Error), invocation.Cancellation);
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, result, options.Folder));
        else
            Print(invocation, result, options.Folder);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, QuickstartResult result, string folder)
    {
        invocation.Output.WriteLine();
        invocation.WriteTable(
            ["masked language model", ">loss", ">perplexity"],
            [
                ["knowing only how often tokens occur", Number(result.UnigramLoss), Number(Math.Exp(result.UnigramLoss))],
                ["after pre-training", Number(result.ValidationLoss), Number(Math.Exp(result.ValidationLoss))],
            ]);
        invocation.Output.WriteLine(result.Question);
        invocation.WriteTable(
            [$"{result.Classes.Count} classes, {result.Pretrained.Count} seeds", ">accuracy", ">lowest", ">highest"],
            [Row("without pre-training", result.Fresh), Row("with pre-training", result.Pretrained)]);
        if (result.Caution is { } caution)
            invocation.Output.WriteLine(caution + "\n");
        invocation.Output.WriteLine($"{result.Filled.Sentence}");
        invocation.Output.WriteLine($"  {string.Join(", ", result.Filled.Candidates.Select(c => $"{c.Token} {Percent(c.Probability)}"))}   (hidden: {result.Filled.Hidden})");
        invocation.Output.WriteLine();
        invocation.WriteTable(
            ["sentence that was held out", "class", "answer", ">sure"],
            result.Classified.Select(c => (IReadOnlyList<string>)[Shortened(c.Sentence), c.Class, c.Answer, Percent(c.Probability)]));
        invocation.WriteFields(
            ("speed", string.Create(CultureInfo.InvariantCulture, $"{result.TokensPerSecond:N0} tokens/s in pre-training, {result.Parameters:N0} parameters")),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{result.PeakMemory / 1e6:N0} MB at most")),
            ("time", string.Create(CultureInfo.InvariantCulture, $"{result.Time.TotalSeconds:N0} s")),
            ("model", Path.Combine(folder, QuickstartRun.PretrainedFolder)),
            ("classifier", Path.Combine(folder, QuickstartRun.ClassifierFolder)),
            ("report", Path.Combine(folder, QuickstartRun.ReportName)));
    }

    private static void Write(Utf8JsonWriter json, QuickstartResult result, string folder)
    {
        json.WriteStartObject();
        json.WriteNumber("unigram_loss", result.UnigramLoss);
        json.WriteNumber("validation_loss", result.ValidationLoss);
        json.WriteNumber("perplexity", Math.Exp(result.ValidationLoss));
        Accuracies(json, "accuracy_without_pretraining", result.Fresh);
        Accuracies(json, "accuracy_with_pretraining", result.Pretrained);
        json.WriteNumber("parameters", result.Parameters);
        json.WriteNumber("pretraining_steps", result.PretrainingSteps);
        json.WriteNumber("tokens_per_second", result.TokensPerSecond);
        json.WriteNumber("peak_memory_bytes", result.PeakMemory);
        json.WriteNumber("seconds", result.Time.TotalSeconds);
        json.WriteString("folder", folder);
        json.WriteEndObject();
    }

    private static void Accuracies(Utf8JsonWriter json, string name, IReadOnlyList<FineTuning> runs)
    {
        json.WriteStartArray(name);
        foreach (FineTuning run in runs)
            json.WriteNumberValue(run.Accuracy);
        json.WriteEndArray();
    }

    private static IReadOnlyList<string> Row(string name, IReadOnlyList<FineTuning> runs) =>
        [name, Percent(runs.Average(r => r.Accuracy)), Percent(runs.Min(r => r.Accuracy)), Percent(runs.Max(r => r.Accuracy))];

    private static string Shortened(string sentence) => sentence.Length <= 70 ? sentence : sentence[..69] + "…";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");

    private static string Number(double value) => value.ToString("N2", CultureInfo.InvariantCulture);

    private sealed class Progress(TextWriter output) : IQuickstartObserver
    {
        public void Stage(int number, int count, string title) => output.WriteLine($"[{number}/{count}] {title}");

        public void Note(string text) => output.WriteLine("      " + text);

        public ITrainingObserver Training(string what) => new TrainingProgress(output, "      " + what, StatusLine.OnTerminal);
    }
}
