using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>The perplexity of a language model: e to the mean loss over all predicted tokens.</summary>
public sealed class PerplexityMetrics : IMetrics
{
    private double _loss;
    private double _labels;

    /// <inheritdoc/>
    public bool HigherIsBetter => false;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures =>
        [("perplexity", _labels == 0 ? double.NaN : Math.Exp(_loss / _labels))];

    /// <summary>Counts a batch.</summary>
    /// <param name="meanLoss">Its mean loss.</param>
    /// <param name="labels">The tokens predicted in it.</param>
    public void Add(double meanLoss, double labels)
    {
        if (labels == 0)
            return;
        _loss += meanLoss * labels;
        _labels += labels;
    }
}
