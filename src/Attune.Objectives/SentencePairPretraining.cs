using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// Masked language modelling together with a question about two sequences, the sum of both losses: next sentence (BERT) or sentence
/// order (ALBERT). Examples are pairs whose <see cref="Example.Label"/> is the answer; <see cref="Pairs.SentencePairs"/> makes them.
/// </summary>
/// <param name="masked">The masked language modelling.</param>
public sealed class SentencePairPretraining(MaskedLm masked) : IObjective
{
    /// <inheritdoc/>
    public string Name => "masked-lm-with-pairs";

    /// <inheritdoc/>
    public Capabilities Requires => masked.Requires;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm), new(HeadKind.SentencePair)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => masked.Settings;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example is not a pair with the class 0 or 1.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var tokens = (LabelledTokenBatch)masked.Collate(examples, random, firstIndex);
        int[] pairs = new int[examples.Count];
        for (int s = 0; s < pairs.Length; s++)
        {
            pairs[s] = examples[s].Label is 0 or 1
                ? examples[s].Label
                : throw new ArgumentException($"Example {s} of the batch has the class {examples[s].Label}; a pair of sentences has 0 or 1.", nameof(examples));
        }
        return new PairBatch
        {
            Tokens = tokens.Tokens,
            Examples = tokens.Examples,
            Weight = tokens.Weight,
            Arrays = tokens.Arrays,
            Masked = tokens,
            Pairs = pairs,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var pairs = (PairBatch)batch;
        BackboneOutput output = model.Forward(pass, pairs.Masked.Input);
        Tensor tokens = model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, output, pairs.Masked.Labels);
        Tensor pair = pass.Tape.CrossEntropy(model.SequenceLogits(pass, HeadKind.SentencePair, output), pairs.Pairs, Labels.Ignore);
        return output.WithAuxiliaryLoss(pass, pass.Tape.Add(tokens, pair));
    }

    private sealed record PairBatch : Batch
    {
        public required LabelledTokenBatch Masked { get; init; }

        public required int[] Pairs { get; init; }
    }
}
