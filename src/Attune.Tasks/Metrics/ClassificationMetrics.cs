using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>Accuracy, macro-averaged F1 and Matthews correlation of a classification, from its confusion matrix.</summary>
public sealed class ClassificationMetrics : IMetrics
{
    /// <summary>The share of right answers.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>The mean F1 of the classes that occur among truths or answers.</summary>
    public const string MacroF1 = "macro_f1";

    /// <summary>The correlation of truths and answers, -1 to 1 (Matthews 1975; for several classes Gorodkin 2004).</summary>
    public const string Matthews = "matthews";

    private readonly long[] _counts;
    private readonly int _classes;
    private readonly string _main;

    /// <summary>Makes an empty tally.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="main">The figure that decides which model is better.</param>
    /// <exception cref="ArgumentException">There is no such figure.</exception>
    public ClassificationMetrics(int classes, string main = Accuracy)
    {
        if (main is not (Accuracy or MacroF1 or Matthews))
            throw new ArgumentException($"A classification has the figures {Accuracy}, {MacroF1} and {Matthews}, but not '{main}'.", nameof(main));
        (_classes, _main, _counts) = (classes, main, new long[classes * classes]);
    }

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures
    {
        get
        {
            (string Name, double Value)[] figures = [(Accuracy, AccuracyValue()), (MacroF1, MacroF1Value()), (Matthews, MatthewsValue())];
            return [.. figures.OrderByDescending(f => f.Name == _main)];
        }
    }

    /// <summary>Counts an answer.</summary>
    public void Add(int truth, int answer) => _counts[truth * _classes + answer]++;

    private long Total => _counts.Sum();

    private long Right => Enumerable.Range(0, _classes).Sum(c => _counts[c * _classes + c]);

    private long Truths(int c) => Enumerable.Range(0, _classes).Sum(a => _counts[c * _classes + a]);

    private long Answers(int c) => Enumerable.Range(0, _classes).Sum(t => _counts[t * _classes + c]);

    private double AccuracyValue() => Total == 0 ? double.NaN : (double)Right / Total;

    private double MacroF1Value()
    {
        double sum = 0;
        int occurring = 0;
        for (int c = 0; c < _classes; c++)
        {
            long both = Truths(c) + Answers(c);
            if (both == 0)
                continue;
            sum += 2.0 * _counts[c * _classes + c] / both;
            occurring++;
        }
        return occurring == 0 ? double.NaN : sum / occurring;
    }

    private double MatthewsValue()
    {
        if (Total == 0)
            return double.NaN;
        double total = Total, products = 0, truths = 0, answers = 0;
        for (int c = 0; c < _classes; c++)
        {
            products += (double)Truths(c) * Answers(c);
            truths += (double)Truths(c) * Truths(c);
            answers += (double)Answers(c) * Answers(c);
        }
        double spread = Math.Sqrt((total * total - answers) * (total * total - truths));
        return spread == 0 ? 0 : (Right * total - products) / spread;
    }
}
