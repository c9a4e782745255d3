namespace Attune.Data.Sampling;

/// <summary>The part of a global batch that one worker takes: neighbouring examples, so that all workers together have the batch in order.</summary>
/// <param name="FirstIndex">The place of the part's first example within the global batch.</param>
/// <param name="Examples">The example numbers.</param>
public readonly record struct BatchShare(int FirstIndex, ReadOnlyMemory<long> Examples)
{
    /// <summary>Cuts a global batch into <paramref name="world"/> parts whose sizes differ by at most one, and takes one.</summary>
    /// <param name="batch">The global batch.</param>
    /// <param name="rank">The worker, from 0.</param>
    /// <param name="world">The number of workers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is not below the number of workers.</exception>
    public static BatchShare Of(ReadOnlyMemory<long> batch, int rank, int world)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, world);
        int first = (int)((long)batch.Length * rank / world), end = (int)((long)batch.Length * (rank + 1) / world);
        return new BatchShare(first, batch[first..end]);
    }
}
