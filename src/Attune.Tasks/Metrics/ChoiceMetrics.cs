using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>The share of right choices.</summary>
public sealed class ChoiceMetrics : IMetrics
{
    private long _right, _count;

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures => [("accuracy", _count == 0 ? double.NaN : (double)_right / _count)];

    /// <summary>Counts a choice.</summary>
    public void Add(bool right)
    {
        _count++;
        _right += right ? 1 : 0;
    }
}
