using Attune.Data.Rows;
using Attune.Nn.Contracts;
using Attune.Tensors.Random;

namespace Attune.Training.Batches;

/// <summary>All examples once, in order; what is random about them (masking) is the same every time.</summary>
/// <param name="learnable">Makes batches of examples.</param>
/// <param name="examples">The examples.</param>
/// <param name="batchSize">The examples of a batch; the last may have fewer.</param>
/// <param name="seed">The seed of masking and the like.</param>
/// <remarks>Used by one thread.</remarks>
public sealed class EvaluationBatches(ILearnable learnable, IExampleSet examples, int batchSize, ulong seed = 0) : IEvaluationSource
{
    private readonly RandomStream _random = new RandomStream(seed).Stream("evaluation");

    /// <inheritdoc/>
    public int Count => checked((int)((examples.Count + batchSize - 1) / batchSize));

    /// <inheritdoc/>
    public Batch Read(int index)
    {
        int first = index * batchSize;
        var part = new Example[(int)Math.Min(batchSize, examples.Count - first)];
        for (int i = 0; i < part.Length; i++)
            part[i] = examples.Get(first + i);
        return learnable.Collate(part, _random, first);
    }
}
