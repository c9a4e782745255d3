using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>A text for a text: translation, semantic parsing, text-to-text. Examples have <see cref="Example.TargetIds"/>, which end with an end token.</summary>
public sealed class SequenceToSequence : ITask
{
    /// <inheritdoc/>
    public string Name => "sequence-to-sequence";

    /// <summary>The share of the target that is spread over all tokens in training (Vaswani et al. 2017: 0.1).</summary>
    public float Smoothing { get; init; }

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.SequenceToSequenceLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [Setting.Of("smoothing", Smoothing)];

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new PerplexityMetrics();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has no source or no target.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var pairs = new (ReadOnlyMemory<int>, ReadOnlyMemory<int>)[examples.Count];
        for (int s = 0; s < pairs.Length; s++)
            pairs[s] = (examples[s].Ids, examples[s].TargetIds);
        return SequenceToSequenceBatch.Of(pairs);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch) => ((SequenceToSequenceBatch)batch).Loss(pass, model, Smoothing);

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        double loss = ((SequenceToSequenceBatch)batch).Loss(pass, model).Item;
        ((PerplexityMetrics)metrics).Add(loss, batch.Weight);
        return loss;
    }
}
