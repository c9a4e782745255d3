using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>Pearson and Spearman correlation and mean squared error between truths and predictions.</summary>
public sealed class RegressionMetrics : IMetrics
{
    private readonly List<double> _truths = [];
    private readonly List<double> _predictions = [];

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures =>
    [
        ("pearson", Correlation(_truths, _predictions)),
        ("spearman", Correlation(Ranks(_truths), Ranks(_predictions))),
        ("mse", _truths.Zip(_predictions, (t, p) => (t - p) * (t - p)).DefaultIfEmpty(double.NaN).Average()),
    ];

    /// <summary>Counts a prediction.</summary>
    public void Add(double truth, double prediction)
    {
        _truths.Add(truth);
        _predictions.Add(prediction);
    }

    /// <summary>Pearson's correlation; 0 if either side is constant.</summary>
    internal static double Correlation(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count == 0)
            return double.NaN;
        double meanX = x.Average(), meanY = y.Average(), both = 0, squareX = 0, squareY = 0;
        for (int i = 0; i < x.Count; i++)
        {
            both += (x[i] - meanX) * (y[i] - meanY);
            squareX += (x[i] - meanX) * (x[i] - meanX);
            squareY += (y[i] - meanY) * (y[i] - meanY);
        }
        double spread = Math.Sqrt(squareX * squareY);
        return spread == 0 ? 0 : both / spread;
    }

    /// <summary>The rank of each value, from 1; equal values share the mean of their ranks.</summary>
    internal static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        double[] ranks = new double[values.Count];
        for (int first = 0; first < order.Length;)
        {
            int end = first + 1;
            while (end < order.Length && values[order[end]] == values[order[first]])
                end++;
            for (int i = first; i < end; i++)
                ranks[order[i]] = (first + 1 + end) / 2.0;
            first = end;
        }
        return ranks;
    }
}
