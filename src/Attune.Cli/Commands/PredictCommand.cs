using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Inference;
using Attune.Nn.Contracts;

namespace Attune.Cli.Commands;

/// <summary><c>attune predict</c>: what a fine-tuned model says about texts: classes, tags or answers.</summary>
internal sealed class PredictCommand : Verb
{
    private readonly ModelArgument model = new();
    private readonly TextInput texts = new("A text; for question answering, a question");

    private readonly Option<string?> pair = new("--pair")
    {
        Description = "The second text of a pair, or the text that holds the answer to the questions.",
        HelpName = "text",
    };

    private readonly Option<int> top = NumberOption.Make("--top", "How many classes are shown for each text.", "count", 3, 1, 100_000);

    /// <summary>Declares the verb.</summary>
    public PredictCommand()
        : base(
            "predict",
            "Asks a fine-tuned model: classifies texts, tags their tokens, or answers questions, whichever the model was trained for.",
            "attune predict runs/sentiment \"What a wonderful film.\"",
            "attune predict runs/entailment \"A man sleeps.\" --pair \"Nobody is awake.\" --json",
            "attune predict runs/squad \"Who wrote it?\" --pair \"The book was written by Ada.\"")
    {
        model.AddTo(this);
        texts.AddTo(this);
        Add(pair);
        Add(top);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        string[] given = [.. texts.Read(invocation)];
        var opened = Pipelines.Open(model.Folder(invocation), model.Options(invocation));
        var kinds = opened.Model.Heads.Select(head => head.Kind).ToArray();
        if (kinds.Contains(HeadKind.SequenceClassification))
            Classify(invocation, new TextClassifier(opened), given);
        else if (kinds.Contains(HeadKind.TokenClassification))
            Tag(invocation, new TokenClassifier(opened), given);
        else if (kinds.Contains(HeadKind.QuestionAnswering))
            Answer(invocation, new QuestionAnswerer(opened), given);
        else
        {
            var has = kinds.Length == 0 ? "none" : string.Join(", ", kinds);
            throw new ArgumentException($"{model.Folder(invocation)}: the model has no head to predict with (it has {has}). Fine-tune it, or use 'fill', 'generate' or 'embed'.");
        }


        return ExitCode.Ok;
    }

    private void Classify(Invocation invocation, TextClassifier classifier, string[] given)
    {
        var second = invocation.Get(pair);
        var answers = classifier.Classify([.. given.Select(text => (text, second))]);
        Show(invocation, given.Zip(answers), answer => string.Join("  ", Best(invocation, answer).Select(Scored)), (json, answer) =>
        {
            json.WriteString("label", answer.Label);
            json.WriteNumber("score", answer.Score);
            json.WriteStartObject("scores");
            foreach (var (label, score) in Best(invocation, answer))
                json.WriteNumber(label, score);
            json.WriteEndObject();
        });
    }

    private static void Tag(Invocation invocation, TokenClassifier classifier, string[] given)
    {
        var tagged = classifier.Tag(given);
        Show(invocation, given.Zip(tagged), tokens => string.Join(' ', tokens.Select(token => $"{token.Token}/{token.Label}")), (json, tokens) =>
        {
            json.WriteStartArray("tokens");
            foreach (var token in tokens)
            {
                json.WriteStartObject();
                json.WriteString("token", token.Token);
                json.WriteString("label", token.Label);
                json.WriteNumber("score", token.Score);
                json.WriteNumber("start", token.Span.Start);
                json.WriteNumber("end", token.Span.End);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private void Answer(Invocation invocation, QuestionAnswerer answerer, string[] given)
    {
        var context = invocation.Get(pair)
            ?? throw new UsageException("this model answers questions from a text: give the text with --pair.");
        var answers = given.Select(question => (question, answerer.Ask(question, context)));
        Show(invocation, answers, answer => string.Create(CultureInfo.InvariantCulture, $"{answer.Text} {answer.Score:0.000}"), (json, answer) =>
        {
            json.WriteString("answer", answer.Text);
            json.WriteNumber("score", answer.Score);
            json.WriteNumber("start", answer.Span.Start);
            json.WriteNumber("end", answer.Span.End);
        });
    }

    private IEnumerable<LabelScore> Best(Invocation invocation, Classification answer) => answer.Scores.Take(invocation.Get(top));

    private static string Scored(LabelScore label) => string.Create(CultureInfo.InvariantCulture, $"{label.Label} {label.Score:0.000}");

    private static void Show<T>(
        Invocation invocation, IEnumerable<(string Text, T Answer)> answers, Func<T, string> line, Action<Utf8JsonWriter, T> write)
    {
        if (!invocation.Json)
        {
            foreach (var (text, answer) in answers)
                invocation.Output.WriteLine($"{text}\n  {line(answer)}");
            return;
        }

        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (var (text, answer) in answers)
            {
                json.WriteStartObject();
                json.WriteString("text", text);
                write(json, answer);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
