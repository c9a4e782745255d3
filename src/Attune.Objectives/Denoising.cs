using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Objectives.SequenceToSequence;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// BART's objective (Lewis et al. 2020, arXiv:1910.13461): the decoder writes the text as it was before it was spoiled. Examples begin
/// and end with special tokens, which no noise touches.
/// </summary>
/// <param name="noise">What is done to the text, one after another; the released models permute sentences, then fill in.</param>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class Denoising(IReadOnlyList<INoise> noise) : IObjective
{
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "denoising";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.SequenceToSequenceLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [Setting.Of("noise", string.Join(", then ", noise))];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has fewer than two tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var pairs = new (ReadOnlyMemory<int>, ReadOnlyMemory<int>)[examples.Count];
        for (int s = 0; s < pairs.Length; s++)
        {
            Example example = examples[s];
            if (example.Ids.Length < 2)
                throw new ArgumentException($"Example {s} of the batch has {example.Ids.Length} tokens; it needs a token at its beginning and one at its end.", nameof(examples));
            _draws.Restart(random.Stream((uint)(firstIndex + s)));
            NoisyText text = NoisyText.Of(example);
            foreach (INoise step in noise)
                text = step.Apply(text, _draws);
            pairs[s] = (text.Ids, example.Ids);
        }
        return SequenceToSequenceBatch.Of(pairs);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch) => ((SequenceToSequenceBatch)batch).Loss(pass, model);
}
