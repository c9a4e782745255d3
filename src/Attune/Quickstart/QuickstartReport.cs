using System.Globalization;
using Attune.Reports;

namespace Attune.Quickstart;

/// <summary>The report of a quickstart as a page that stands by itself.</summary>
internal static class QuickstartReport
{
    public static void Write(QuickstartResult result, string path)
    {
        var page = new HtmlReport("What pre-training is worth");
        page.Paragraph(Text(
            $"A BERT of {result.Parameters:N0} parameters read {result.Text} for {result.PretrainingSteps:N0} updates and learned to fill in hidden words. Then it was fine-tuned on a few sentences ({result.Question}), beside a twin that had read nothing."));

        page.Section("The comparison").Table(["", "without pre-training", "with pre-training"],
        [
            ["accuracy, mean of " + result.Fresh.Count.ToString(CultureInfo.InvariantCulture) + " seeds", Percent(Mean(result.Fresh)), Percent(Mean(result.Pretrained))],
            ["lowest", Percent(result.Fresh.Min(f => f.Accuracy)), Percent(result.Pretrained.Min(f => f.Accuracy))],
            ["highest", Percent(result.Fresh.Max(f => f.Accuracy)), Percent(result.Pretrained.Max(f => f.Accuracy))],
        ]);
        page.Note(Text($"{result.Classes.Count} classes: {string.Join(", ", result.Classes)}. Guessing is right {Percent(1.0 / result.Classes.Count)} of the time."));
        if (result.Caution is { } caution)
            page.Paragraph(caution);
        page.Figure(
            new LinePlot("updates", "accuracy on held-out sentences",
                [.. result.Pretrained.Select(f => new PlotSeries(Text($"pre-trained, seed {f.Seed}"), [.. f.AccuracyByStep.Select(p => ((double)p.Step, p.Accuracy))])),
                .. result.Fresh.Select(f => new PlotSeries(Text($"fresh, seed {f.Seed}"), [.. f.AccuracyByStep.Select(p => ((double)p.Step, p.Accuracy))]))]),
            "Fine-tuning: the same sentences in the same order.");

        page.Section("Pre-training").Table(["", "loss", "perplexity"],
        [
            ["knowing only how often each token occurs", Number(result.UnigramLoss), Number(Math.Exp(result.UnigramLoss))],
            ["before the first update", Number(result.ValidationLosses[0].Loss), Number(Math.Exp(result.ValidationLosses[0].Loss))],
            ["after the last update", Number(result.ValidationLoss), Number(Math.Exp(result.ValidationLoss))],
        ]);
        page.Figure(
            new LinePlot("updates", "validation loss, nats a hidden token",
                new PlotSeries("masked LM", [.. result.ValidationLosses.Select(p => ((double)p.Step, p.Loss))]),
                PlotSeries.Level("unigram baseline", result.UnigramLoss)),
            "Documents of types that were held out.");

        page.Section("Answers").Preformatted(result.Filled.Sentence);
        page.Table(["candidate", "probability"], result.Filled.Candidates.Select(c => (IReadOnlyList<string>)[c.Token, Percent(c.Probability)]));
        page.Note($"The hidden word was \"{result.Filled.Hidden}\".");
        page.Table(["sentence", "class", "answer", "sure"],
            result.Classified.Select(c => (IReadOnlyList<string>)[c.Sentence, c.Class, c.Answer, Percent(c.Probability)]));

        page.Section("The run").Table(["", ""],
        [
            ["tokens read a second in pre-training", Text($"{result.TokensPerSecond:N0}")],
            ["peak memory", Text($"{result.PeakMemory / 1e6:N0} MB")],
            ["time", Text($"{result.Time.TotalSeconds:N0} s")],
        ]);
        page.Save(path);
    }

    internal static double Mean(IReadOnlyList<FineTuning> runs) => runs.Average(f => f.Accuracy);

    private static string Percent(double share) => Text($"{100 * share:F1} %");

    private static string Number(double value) => value.ToString("N2", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
