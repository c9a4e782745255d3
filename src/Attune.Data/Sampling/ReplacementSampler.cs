using System.Globalization;
using Attune.Tensors.Random;

namespace Attune.Data.Sampling;

/// <summary>Each example of each batch drawn anew from the whole data set: random windows of a text, rows with replacement.</summary>
public sealed class ReplacementSampler : ISampler
{
    private readonly RandomStream _random;

    /// <summary>Describes the draws.</summary>
    /// <param name="count">Examples of the data set.</param>
    /// <param name="batchSize">Examples of a global batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">An empty data set or batch.</exception>
    public ReplacementSampler(long count, int batchSize, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (Count, BatchSize) = (count, batchSize);
        _random = new RandomStream(seed).Stream("sampling with replacement");
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int SmallestBatch => BatchSize;

    /// <inheritdoc/>
    public string Identity => string.Create(
        CultureInfo.InvariantCulture, $"drawn with replacement, {BatchSize} an update, seed {_random.Seed}");

    /// <summary>Steps that draw as many examples as the data set has.</summary>
    public long StepsPerEpoch => Math.Max(1, Count / BatchSize);

    /// <inheritdoc/>
    public long[] Batch(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        RandomStream random = _random.At(step);
        long[] batch = new long[BatchSize];
        for (int i = 0; i < batch.Length; i++)
        {
            ulong bits = ((ulong)random.Bits(2L * i) << 32) | random.Bits((2L * i) + 1);
            batch[i] = (long)Math.BigMul(bits, (ulong)Count, out _);
        }
        return batch;
    }
}
