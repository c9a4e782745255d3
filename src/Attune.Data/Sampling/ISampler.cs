namespace Attune.Data.Sampling;

/// <summary>
/// Says which examples a training step takes. A pure function of the step's number, so a run resumes anywhere at once, and
/// every worker of a distributed run sees the same global batches.
/// </summary>
public interface ISampler
{
    /// <summary>The number of examples of the data set.</summary>
    long Count { get; }

    /// <summary>The examples of a global batch.</summary>
    int BatchSize { get; }

    /// <summary>The fewest examples that a global batch has: an epoch's last one may be short.</summary>
    int SmallestBatch { get; }

    /// <summary>What must be the same for a run to be continued: the kind of sampler and its settings.</summary>
    string Identity { get; }

    /// <summary>Steps in one pass over the data.</summary>
    long StepsPerEpoch { get; }

    /// <summary>The example numbers of a step's global batch, in order; fewer than <see cref="BatchSize"/> only where an epoch ends.</summary>
    /// <param name="step">The step, from 0; it may be beyond the first epoch.</param>
    long[] Batch(long step);
}
