using System.Globalization;
using Attune.Nn.Contracts;
using Attune.Tensors.Random;

namespace Attune.Training.Batches;

/// <summary>Training batches from examples: which example is read when follows from its number in the run alone.</summary>
/// <remarks>Used by one thread.</remarks>
public sealed class ExampleBatches : IBatchSource
{
    private readonly ILearnable _learnable;
    private readonly IReadOnlyList<Example> _examples;
    private readonly ExampleOrder _order;
    private readonly int _batchSize;
    private readonly RandomStream _random;
    private readonly List<Example> _part = [];

    /// <summary>Makes a source.</summary>
    /// <param name="learnable">Makes batches of examples.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="order">Which example is read when.</param>
    /// <param name="batchSize">The examples of one batch, that is of one forward and backward pass.</param>
    /// <param name="batchesPerStep">The batches of one update.</param>
    /// <param name="seed">The seed of masking and the like.</param>
    /// <exception cref="ArgumentException">There are no examples, or a size is below 1.</exception>
    public ExampleBatches(
        ILearnable learnable, IReadOnlyList<Example> examples, ExampleOrder order, int batchSize, int batchesPerStep = 1, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchesPerStep);
        if (examples.Count == 0)
            throw new ArgumentException("There are no examples to train on.", nameof(examples));
        (_learnable, _examples, _order, _batchSize, BatchesPerStep) = (learnable, examples, order, batchSize, batchesPerStep);
        _random = new RandomStream(seed).Stream("collation");
        // How an update is cut into batches is left out on purpose: it changes rounding only, and memory may be short after a move.
        Identity = string.Create(
            CultureInfo.InvariantCulture, $"{examples.Count} examples, {order.Name}, {batchSize * (long)batchesPerStep} an update, seed {seed}");
    }

    /// <inheritdoc/>
    public int BatchesPerStep { get; }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public Batch Read(long step, int part)
    {
        _part.Clear();
        for (int i = 0; i < _batchSize; i++)
            _part.Add(_examples[_order.Index(Position(step, part) + i)]);
        return _learnable.Collate(_part, _random.At(step), part * _batchSize);
    }

    /// <inheritdoc/>
    public string Describe(long step, int part)
    {
        IEnumerable<int> indices = Enumerable.Range(0, _batchSize).Select(i => _order.Index(Position(step, part) + i));
        return $"examples {string.Join(", ", indices.Select(i => i.ToString(CultureInfo.InvariantCulture)))}";
    }

    private long Position(long step, int part) => (step * BatchesPerStep + part) * _batchSize;
}

/// <summary>Which example is read when.</summary>
/// <param name="Name">Names the order and its seed, for the run's identity.</param>
/// <param name="Index">From the number of an example within the run (0, 1, 2 ...) to its index in the data.</param>
public sealed record ExampleOrder(string Name, Func<long, int> Index)
{
    /// <summary>One after another, again and again.</summary>
    public static ExampleOrder Sequential(int count) => new("in order", position => (int)(position % count));

    /// <summary>Each drawn from all, whatever was drawn before.</summary>
    public static ExampleOrder WithReplacement(int count, ulong seed)
    {
        RandomStream random = new RandomStream(seed).Stream("order");
        return new(string.Create(CultureInfo.InvariantCulture, $"drawn with replacement, seed {seed}"), position => random.Below(position, count));
    }
}
