using Attune.Nn.Contracts;
using Attune.Tasks;
using Attune.Tasks.Metrics;
using Xunit;

namespace Attune.Tests.Tasks;

public sealed class MetricsTests
{
    [Fact]
    public void Classification_figures_are_those_worked_out_by_hand()
    {
        var metrics = new ClassificationMetrics(3, ClassificationMetrics.Matthews);
        foreach ((int truth, int answer) in ((int, int)[])[(0, 0), (0, 0), (0, 1), (1, 1), (1, 0)])
            metrics.Add(truth, answer);
        Dictionary<string, double> figures = metrics.Figures.ToDictionary(f => f.Name, f => f.Value);
        Assert.Equal("matthews", metrics.Figures[0].Name);
        Assert.Equal(0.6, figures["accuracy"], 12);
        // Class 2 occurs neither among truths nor among answers, and does not count.
        Assert.Equal((2 * 2 / 6.0 + 2 * 1 / 4.0) / 2, figures["macro_f1"], 12);
        // (tp tn - fp fn) / sqrt(...) with class 1 as positive: tp 1, tn 2, fp 1, fn 1.
        Assert.Equal((1 * 2 - 1 * 1) / Math.Sqrt(2 * 2 * 3 * 3), figures["matthews"], 12);
    }

    [Fact]
    public void A_constant_answer_has_no_correlation()
    {
        var metrics = new ClassificationMetrics(2);
        metrics.Add(0, 0);
        metrics.Add(1, 0);
        Assert.Equal(0, metrics.Figures.Single(f => f.Name == "matthews").Value);
        Assert.Throws<ArgumentException>(() => new ClassificationMetrics(2, "f2"));
    }

    [Fact]
    public void Regression_correlations_are_those_worked_out_by_hand()
    {
        var metrics = new RegressionMetrics();
        foreach ((double truth, double prediction) in ((double, double)[])[(1, 1), (2, 4), (3, 4), (4, 20)])
            metrics.Add(truth, prediction);
        Dictionary<string, double> figures = metrics.Figures.ToDictionary(f => f.Name, f => f.Value);
        // Deviations: truths -1.5 -0.5 0.5 1.5; predictions (mean 7.25) -6.25 -3.25 -3.25 12.75.
        double both = 1.5 * 6.25 + 0.5 * 3.25 - 0.5 * 3.25 + 1.5 * 12.75;
        Assert.Equal(both / Math.Sqrt(5 * (6.25 * 6.25 + 2 * 3.25 * 3.25 + 12.75 * 12.75)), figures["pearson"], 12);
        // Ranks of predictions: 1, 2.5, 2.5, 4.
        Assert.Equal(4.5 / Math.Sqrt(5 * 4.5), figures["spearman"], 12);
        Assert.Equal((0 + 4 + 1 + 256) / 4.0, figures["mse"], 12);
    }

    [Fact]
    public void Perplexity_is_e_to_the_mean_over_all_tokens()
    {
        var metrics = new PerplexityMetrics();
        metrics.Add(1, 3);
        metrics.Add(double.NaN, 0);
        metrics.Add(3, 1);
        Assert.Equal(Math.Exp(1.5), metrics.Figures.Single().Value, 12);
        Assert.False(metrics.HigherIsBetter);
    }

    [Theory]
    [InlineData("O O", "")]
    [InlineData("B-A I-A O B-B", "A0-1 B3-3")]
    [InlineData("I-A I-A", "A0-1")]
    [InlineData("B-A B-A", "A0-0 A1-1")]
    [InlineData("B-A I-B", "A0-0 B1-1")]
    [InlineData("B-A E-A I-A S-B", "A0-1 A2-2 B3-3")]
    [InlineData("S-A S-A", "A0-0 A1-1")]
    public void Entities_are_read_as_the_official_scorer_reads_them(string sequence, string expected)
    {
        string[] tags = ["O", "B-A", "I-A", "B-B", "I-B", "E-A", "S-A", "S-B"];
        int[] classes = [.. sequence.Split(' ').Select(tag => Array.IndexOf(tags, tag))];
        Assert.Equal(expected, string.Join(' ', EntityMetrics.Entities(classes, tags).Select(e => $"{e.Type}{e.Start}-{e.End}")));
    }

    [Fact]
    public void An_entity_counts_only_if_type_and_both_ends_are_right()
    {
        var metrics = new EntityMetrics(["O", "B-A", "I-A", "B-B"]);
        metrics.Add([1, 2, 0, 3], [1, 2, 0, 3]);
        metrics.Add([1, 2, 0, 3], [1, 0, 0, 1]);
        Dictionary<string, double> figures = metrics.Figures.ToDictionary(f => f.Name, f => f.Value);
        Assert.Equal(0.5, figures["precision"], 12);
        Assert.Equal(0.5, figures["recall"], 12);
        Assert.Equal(0.5, figures["f1"], 12);
        Assert.Equal(6 / 8.0, figures["token_accuracy"], 12);
    }

    [Fact]
    public void Answers_are_compared_without_case_articles_and_punctuation()
    {
        var metrics = new AnswerMetrics();
        metrics.Add("The Eiffel Tower.", ["eiffel tower"]);
        metrics.Add("in Paris, France", ["Paris", "paris in spring"]);
        metrics.Add("", []);
        metrics.Add("something", [""]);
        Dictionary<string, double> figures = metrics.Figures.ToDictionary(f => f.Name, f => f.Value);
        Assert.Equal(100 * 2 / 4.0, figures["exact_match"], 12);
        // in paris france / paris in spring: 2 common of 3 and 3.
        Assert.Equal(100 * (1 + 2 * 2 / 6.0 + 1 + 0) / 4, figures["f1"], 10);
    }

    [Fact]
    public void Of_several_windows_the_best_span_answers()
    {
        AnswerKey key = Key(0, "red kite");
        var metrics = new AnswerMetrics();
        metrics.Add(key, Says("a grey heron", score: 3, noAnswer: 9));
        metrics.Add(key, Says("The red kite!", score: 5, noAnswer: 7));
        metrics.Add(key, Says("a reed", score: 4, noAnswer: 8));
        Assert.Equal([("f1", 100.0), ("exact_match", 100.0)], metrics.Figures);
        // Asked twice, the figures are the same; a question more counts beside it.
        metrics.Add(Key(1, "heron"), Says("a kite", score: 1, noAnswer: 0));
        Assert.Equal([("f1", 50.0), ("exact_match", 50.0)], metrics.Figures);
    }

    [Fact]
    public void No_answer_wins_where_some_question_has_none_and_it_beats_the_span_in_every_window()
    {
        var metrics = new AnswerMetrics();
        metrics.Add(Key(0), Says("a kite", score: 5, noAnswer: 6));
        Assert.Equal([("f1", 100.0), ("exact_match", 100.0)], metrics.Figures);
        metrics.Add(Key(0), Says("a heron", score: 1, noAnswer: 2));
        Assert.Equal([("f1", 0.0), ("exact_match", 0.0)], metrics.Figures);

        var strict = new AnswerMetrics(noAnswerThreshold: 2);
        strict.Add(Key(0, "kite"), Says("kite", score: 5, noAnswer: 6));
        strict.Add(Key(1, "kite"), Says("kite", score: 5, noAnswer: 8));
        Assert.Equal([("f1", 50.0), ("exact_match", 50.0)], strict.Figures);
    }

    private string _said = "";

    private AnswerKey Key(int question, params string[] accepted) => new(question, accepted, (_, _) => _said);

    private SpanAnswers Says(string text, float score, float noAnswer)
    {
        _said = text;
        return new SpanAnswers([new SpanAnswer(1, 2, score)], noAnswer);
    }

    [Fact]
    public void The_best_spans_come_first_and_stay_within_what_is_allowed()
    {
        float[] start = [9, 1, 5, 2, 4], end = [9, 0, 1, 6, 3];
        SpanAnswers answers = SpanAnswers.Read(start, end, [false, true, true, true, true], maxLength: 2, count: 3);
        Assert.Equal([new SpanAnswer(2, 3, 11), new SpanAnswer(3, 3, 8), new SpanAnswer(4, 4, 7)], answers.Spans);
        Assert.Equal(18, answers.NoAnswerScore);
    }
}
