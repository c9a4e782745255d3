using System.Runtime.InteropServices;
using Attune.Nn.Contracts;
using Attune.Objectives.Masking;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// Masked language modelling (Devlin et al. 2019, arXiv:1810.04805): predict the tokens that a strategy chose and a corruption
/// hid. Masks are drawn anew each time an example is seen (Liu et al. 2019, arXiv:1907.11692) unless <see cref="StaticMasks"/> says otherwise.
/// </summary>
/// <param name="strategy">Which tokens are to be predicted.</param>
/// <param name="corruption">What becomes of them.</param>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class MaskedLm(IMaskingStrategy strategy, TokenCorruption corruption) : IObjective
{
    private readonly Draws _draws = new(default);
    private readonly List<ChosenToken> _chosen = [];

    /// <inheritdoc/>
    public string Name => "masked-lm";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Bidirectional | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [.. strategy.Settings, .. corruption.Settings, Setting.Of("static_masks", StaticMasks)];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => true;

    /// <summary>
    /// If not null, each example has only so many maskings, which follow from its tokens and the seed alone (BERT's original
    /// data: 10). Null masks anew every time.
    /// </summary>
    public int? StaticMasks { get; init; }

    /// <inheritdoc/>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        Memory<int> labels = arrays.Ints(input.Rows, Labels.Ignore);
        // The ids are the batch's own copy, made a moment ago: nobody else sees them change.
        Span<int> ids = MemoryMarshal.AsMemory(input.Ids).Span;
        for (int s = 0; s < examples.Count; s++)
        {
            _draws.Restart(StreamOf(examples[s], random.Stream((uint)(firstIndex + s))));
            _chosen.Clear();
            strategy.Choose(examples[s], _draws, _chosen);
            int start = input.Segments.Start(s);
            foreach (ChosenToken token in _chosen)
                labels.Span[start + token.Position] = ids[start + token.Position];
            corruption.Apply(ids.Slice(start, input.Segments.Length(s)), _chosen, _draws);
        }
        return LabelledTokenBatch.Of(input, labels, arrays);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, output, tokens.Labels));
    }

    private RandomStream StreamOf(Example example, RandomStream random)
    {
        if (StaticMasks is not { } masks)
            return random;
        uint hash = 2166136261;
        foreach (int id in example.Ids.Span)
            hash = (hash ^ (uint)id) * 16777619;
        return new RandomStream(random.Seed).Stream("static masks").Stream(hash).At(random.Below(0, masks));
    }
}
