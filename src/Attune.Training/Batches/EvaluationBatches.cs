using Attune.Nn.Contracts;
using Attune.Tensors.Random;

namespace Attune.Training.Batches;

/// <summary>All examples once, in order; what is random about them (masking) is the same every time.</summary>
/// <param name="learnable">Makes batches of examples.</param>
/// <param name="examples">The examples.</param>
/// <param name="batchSize">The examples of a batch; the last may have fewer.</param>
/// <param name="seed">The seed of masking and the like.</param>
/// <remarks>Used by one thread.</remarks>
public sealed class EvaluationBatches(ILearnable learnable, IReadOnlyList<Example> examples, int batchSize, ulong seed = 0) : IEvaluationSource
{
    private readonly RandomStream _random = new RandomStream(seed).Stream("evaluation");
    private readonly List<Example> _part = [];

    /// <inheritdoc/>
    public int Count => (examples.Count + batchSize - 1) / batchSize;

    /// <inheritdoc/>
    public Batch Read(int index)
    {
        _part.Clear();
        int first = index * batchSize;
        for (int i = first; i < Math.Min(first + batchSize, examples.Count); i++)
            _part.Add(examples[i]);
        return learnable.Collate(_part, _random, first);
    }
}
