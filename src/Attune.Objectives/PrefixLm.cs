using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// Prefix language modelling (Raffel et al. 2020, arXiv:1910.10683; Dong et al. 2019, arXiv:1905.03197): the tokens of a prefix of random length see each
/// other, and each later token is predicted from the prefix and those before it.
/// </summary>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class PrefixLm : IObjective
{
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "prefix-lm";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.FreeMask | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.CausalLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has fewer than two tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays, leftOff: 1);
        Memory<int> labels = arrays.Ints(input.Rows, Labels.Ignore);
        List<bool> visible = [];
        for (int s = 0; s < examples.Count; s++)
        {
            int length = input.Segments.Length(s), start = input.Segments.Start(s);
            _draws.Restart(random.Stream((uint)(firstIndex + s)));
            int prefix = 1 + _draws.Below(length);
            examples[s].Ids[prefix..].CopyTo(labels[(start + prefix - 1)..]);
            for (int query = 0; query < length; query++)
            {
                for (int key = 0; key < length; key++)
                    visible.Add(key <= query || key < prefix);
            }
        }
        return LabelledTokenBatch.Of(input with { PairMask = visible.ToArray() }, labels, arrays);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.CausalLm).Loss(pass, output, tokens.Labels));
    }
}
