using Attune.Nn.Contracts;

namespace Attune.Data.Rows;

/// <summary>Examples by number: what samplers choose from and collation reads.</summary>
/// <remarks>Safe to read from several threads; the same number always gives the same example.</remarks>
public interface IExampleSet
{
    /// <summary>The number of examples.</summary>
    long Count { get; }

    /// <summary>Reads an example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No example has the number.</exception>
    Example Get(long index);
}

/// <summary>Ways to take parts of example sets.</summary>
public static class ExampleSetExtensions
{
    /// <summary>Reads the examples with the given numbers.</summary>
    public static Example[] GetAll(this IExampleSet set, ReadOnlySpan<long> indices)
    {
        Example[] examples = new Example[indices.Length];
        for (int i = 0; i < examples.Length; i++) examples[i] = set.Get(indices[i]);
        return examples;
    }

    /// <summary>Neighbouring examples as a set of their own, e.g. the first 90 % to train and the rest to validate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside of the set.</exception>
    public static IExampleSet Slice(this IExampleSet set, long start, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, set.Count - start);
        return new SlicedSet(set, start, count);
    }

    private sealed class SlicedSet(IExampleSet set, long start, long count) : IExampleSet
    {
        public long Count => count;

        public Example Get(long index)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
            return set.Get(start + index);
        }
    }
}
