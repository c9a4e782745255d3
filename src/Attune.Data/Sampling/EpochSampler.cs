using System.Globalization;

namespace Attune.Data.Sampling;

/// <summary>Every example once in each pass over the data, in another order each time, or in the order of the data.</summary>
public sealed class EpochSampler : ISampler
{
    private readonly ulong _seed;
    private readonly bool _shuffle;

    /// <summary>Describes the order.</summary>
    /// <param name="count">Examples of the data set.</param>
    /// <param name="batchSize">Examples of a global batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="shuffle">Whether each epoch has its own order.</param>
    /// <param name="dropLast">Whether the incomplete batch at an epoch's end is left out.</param>
    /// <exception cref="ArgumentException">An empty data set or batch, or no whole batch where incomplete ones are left out.</exception>
    public EpochSampler(long count, int batchSize, ulong seed, bool shuffle = true, bool dropLast = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (Count, BatchSize, _seed, _shuffle) = (count, batchSize, seed, shuffle);
        StepsPerEpoch = dropLast ? count / batchSize : (count + batchSize - 1) / batchSize;
        SmallestBatch = dropLast || count % batchSize == 0 ? batchSize : (int)(count % batchSize);
        if (StepsPerEpoch == 0) throw new ArgumentException($"{count} examples do not fill one batch of {batchSize}.", nameof(batchSize));
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int SmallestBatch { get; }

    /// <inheritdoc/>
    public string Identity => string.Create(
        CultureInfo.InvariantCulture, $"{(_shuffle ? "shuffled" : "in order")}, {BatchSize} an update, {StepsPerEpoch} updates an epoch, seed {_seed}");

    /// <inheritdoc/>
    public long StepsPerEpoch { get; }

    /// <inheritdoc/>
    public long[] Batch(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        (long epoch, long within) = Math.DivRem(step, StepsPerEpoch);
        long first = within * BatchSize;
        long[] batch = new long[(int)Math.Min(BatchSize, Count - first)];
        Permutation? order = _shuffle ? new Permutation(Count, _seed, epoch) : null;
        for (int i = 0; i < batch.Length; i++) batch[i] = order is null ? first + i : order[first + i];
        return batch;
    }
}
