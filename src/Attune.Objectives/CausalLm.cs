using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// Causal language modelling (Radford et al. 2018): predict each token from those before it. The model reads all tokens but
/// the last, whose successor nobody knows: a sequence of n tokens gives n - 1 rows, each with a label.
/// </summary>
public sealed class CausalLm : IObjective
{
    /// <inheritdoc/>
    public string Name => "causal-lm";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Causal | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.CausalLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has fewer than two tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays, leftOff: 1);
        Memory<int> labels = arrays.Ints(input.Rows);
        for (int s = 0; s < examples.Count; s++)
            examples[s].Ids[1..].CopyTo(labels[input.Segments.Start(s)..]);
        return LabelledTokenBatch.Of(input, labels, arrays);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.CausalLm).Loss(pass, output, tokens.Labels));
    }
}
