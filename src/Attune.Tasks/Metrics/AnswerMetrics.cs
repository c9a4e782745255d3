using System.Text;
using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>
/// Exact match and F1 of answer texts, as SQuAD counts them (Rajpurkar et al. 2016, arXiv:1606.05250): lower case, without
/// punctuation and articles, the best over all accepted answers. In percent.
/// </summary>
/// <param name="noAnswerThreshold">
/// By how much "no answer" must beat the best span of all windows to be chosen; null is 0 if some question has no answer, and never otherwise.
/// </param>
public sealed class AnswerMetrics(float? noAnswerThreshold = null) : IMetrics
{
    private readonly Dictionary<int, Best> _open = [];
    private double _exact, _f1;
    private long _count;

    private sealed record Best(string Text, float Score, float NoAnswer, IReadOnlyList<string> Accepted);

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures
    {
        get
        {
            double exact = _exact, f1 = _f1;
            float threshold = noAnswerThreshold ?? (_open.Values.Any(best => best.Accepted.Count == 0) ? 0 : float.PositiveInfinity);
            foreach (Best best in _open.Values)
            {
                (double ownExact, double ownF1) = Compare(best.NoAnswer - best.Score > threshold ? "" : best.Text, best.Accepted);
                (exact, f1) = (exact + ownExact, f1 + ownF1);
            }
            double count = _count + _open.Count;
            return [("f1", count == 0 ? double.NaN : 100 * f1 / count), ("exact_match", count == 0 ? double.NaN : 100 * exact / count)];
        }
    }

    /// <summary>Counts an answer.</summary>
    /// <param name="answer">The model's answer; empty for "there is none".</param>
    /// <param name="accepted">The accepted answers; none, or only empty ones, if the question has no answer.</param>
    public void Add(string answer, IReadOnlyList<string> accepted)
    {
        (double exact, double f1) = Compare(answer, accepted);
        Add(exact > 0, f1);
    }

    /// <summary>Counts what one window of a question's text says; of all windows the best span counts, and the least score of "no answer".</summary>
    /// <param name="key">The question.</param>
    /// <param name="answers">The model's answers within the window, the best first.</param>
    public void Add(AnswerKey key, SpanAnswers answers)
    {
        (string text, float score) = answers.Spans is [var span, ..] ? (key.TextOf(span.Start, span.End), span.Score) : ("", float.NegativeInfinity);
        Best before = _open.GetValueOrDefault(key.Question) ?? new Best("", float.NegativeInfinity, float.PositiveInfinity, key.Accepted);
        Best best = score > before.Score ? before with { Text = text, Score = score } : before;
        _open[key.Question] = best with { NoAnswer = Math.Min(best.NoAnswer, answers.NoAnswerScore) };
    }

    /// <summary>Counts an answer by what two answers share: used where positions stand for words.</summary>
    internal void Add(bool exact, double f1)
    {
        _count++;
        _exact += exact ? 1 : 0;
        _f1 += f1;
    }

    private static (double Exact, double F1) Compare(string answer, IReadOnlyList<string> accepted)
    {
        string[] given = Words(answer);
        string[][] truths = accepted.Count == 0 ? [[]] : [.. accepted.Select(Words)];
        return (truths.Any(truth => truth.SequenceEqual(given)) ? 1 : 0, truths.Max(truth => Overlap(given, truth)));
    }

    private static double Overlap(string[] given, string[] truth)
    {
        if (given.Length == 0 || truth.Length == 0)
            return given.Length == truth.Length ? 1 : 0;
        Dictionary<string, int> left = new(StringComparer.Ordinal);
        foreach (string word in truth)
            left[word] = left.GetValueOrDefault(word) + 1;
        int common = 0;
        foreach (string word in given)
        {
            if (left.TryGetValue(word, out int count) && count > 0)
            {
                left[word] = count - 1;
                common++;
            }
        }
        return 2.0 * common / (given.Length + truth.Length);
    }

    private static string[] Words(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (char c in text.ToLowerInvariant())
        {
            // The published scorer knows ASCII punctuation only.
            if (!(char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c))))
                kept.Append(c);
        }
        return [.. kept.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w is not ("a" or "an" or "the"))];
    }
}
