using System.Text;
using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>
/// Exact match and F1 of answer texts, as SQuAD counts them (Rajpurkar et al. 2016, arXiv:1606.05250): lower case, without
/// punctuation and articles, the best over all accepted answers. In percent.
/// </summary>
public sealed class AnswerMetrics : IMetrics
{
    private double _exact, _f1;
    private long _count;

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures =>
        [("f1", _count == 0 ? double.NaN : 100 * _f1 / _count), ("exact_match", _count == 0 ? double.NaN : 100 * _exact / _count)];

    /// <summary>Counts an answer.</summary>
    /// <param name="answer">The model's answer; empty for "there is none".</param>
    /// <param name="accepted">The accepted answers; none, or only empty ones, if the question has no answer.</param>
    public void Add(string answer, IReadOnlyList<string> accepted)
    {
        _count++;
        string[] given = Words(answer);
        string[][] truths = accepted.Count == 0 ? [[]] : [.. accepted.Select(Words)];
        _exact += truths.Any(truth => truth.SequenceEqual(given)) ? 1 : 0;
        _f1 += truths.Max(truth => Overlap(given, truth));
    }

    /// <summary>Counts an answer by what two answers share: used where positions stand for words.</summary>
    internal void Add(bool exact, double f1)
    {
        _count++;
        _exact += exact ? 1 : 0;
        _f1 += f1;
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
