using System.Globalization;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Nn.Contracts;
using Attune.Tensors.Random;

namespace Attune.Training.Batches;

/// <summary>Training batches from examples: a sampler says which example is read when, as a function of the step alone.</summary>
/// <remarks>Used by one thread.</remarks>
public sealed class ExampleBatches : IBatchSource
{
    private readonly ILearnable _learnable;
    private readonly IExampleSet _examples;
    private readonly ISampler _sampler;
    private readonly RandomStream _random;

    // The parts of one step are read one after another: their numbers are worked out once.
    private long _step = -1;
    private long[] _numbers = [];

    /// <summary>Makes a source.</summary>
    /// <param name="learnable">Makes batches of examples.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="sampler">Which of them an update reads.</param>
    /// <param name="batchesPerStep">Into how many forward and backward passes an update is cut; it does not change what is learned.</param>
    /// <param name="seed">The seed of masking and the like.</param>
    /// <exception cref="ArgumentException">The sampler is for another number of examples, or an update has fewer examples than passes.</exception>
    public ExampleBatches(ILearnable learnable, IExampleSet examples, ISampler sampler, int batchesPerStep = 1, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchesPerStep);
        if (sampler.Count != examples.Count)
            throw new ArgumentException($"The sampler chooses among {sampler.Count} examples; there are {examples.Count}.", nameof(sampler));
        if (batchesPerStep > sampler.SmallestBatch)
        {
            throw new ArgumentException(
                $"An update of {sampler.SmallestBatch} examples (the smallest there is) cannot be cut into {batchesPerStep} batches.", nameof(batchesPerStep));
        }
        (_learnable, _examples, _sampler, BatchesPerStep) = (learnable, examples, sampler, batchesPerStep);
        _random = new RandomStream(seed).Stream("collation");
        // How an update is cut into batches is left out on purpose: it changes rounding only, and memory may be short after a move.
        Identity = string.Create(CultureInfo.InvariantCulture, $"{examples.Count} examples, {sampler.Identity}, collation seed {seed}");
    }

    /// <inheritdoc/>
    public int BatchesPerStep { get; }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Origins { get; init; } = [];

    /// <inheritdoc/>
    public Batch Read(long step, int part)
    {
        BatchShare share = ShareOf(step, part);
        return _learnable.Collate(_examples.GetAll(share.Examples.Span), _random.At(step), share.FirstIndex);
    }

    /// <inheritdoc/>
    public string Describe(long step, int part) =>
        $"examples {string.Join(", ", ShareOf(step, part).Examples.ToArray().Select(i => i.ToString(CultureInfo.InvariantCulture)))}";

    // The parts of an update are shared out as workers would share it.
    private BatchShare ShareOf(long step, int part)
    {
        if (_step != step)
            (_step, _numbers) = (step, _sampler.Batch(step));
        return BatchShare.Of(_numbers, part, BatchesPerStep);
    }
}
