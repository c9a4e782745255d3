using Attune.Nn.Contracts;

namespace Attune.Data.Rows;

/// <summary>Examples in memory, such as those of a labelled data set.</summary>
/// <param name="examples">The examples; not copied.</param>
public sealed class ListExampleSet(IReadOnlyList<Example> examples) : IExampleSet
{
    /// <inheritdoc/>
    public long Count => examples.Count;

    /// <inheritdoc/>
    public Example Get(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, examples.Count);
        return examples[(int)index];
    }
}
