using Attune.Nn.Contracts;
using Attune.Objectives.Permutation;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>What a permutation language model predicts, and in what order.</summary>
public sealed record PermutationLmOptions
{
    /// <summary>One of so many tokens is predicted.</summary>
    public int Share { get; init; } = 6;

    /// <summary>How the predicted ones are chosen.</summary>
    public PartialPrediction Prediction { get; init; } = new();

    /// <summary>
    /// The length of the stretches that are put into random order, all alike; null takes each part of the text as one. It should divide the parts.
    /// </summary>
    public int? StretchLength { get; init; }

    /// <summary>
    /// How many tokens at the beginning are a part of their own, which sees nothing of the rest; the rest sees all of it. Null is one part.
    /// </summary>
    public int? FirstPart { get; init; }
}

/// <summary>
/// Permutation language modelling (Yang et al. 2019, arXiv:1906.08237): tokens are predicted in a random order, each from its place and those that
/// came before it in that order. Examples may know their words and special tokens.
/// </summary>
/// <param name="options">What is predicted, and in what order.</param>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class PermutationLm(PermutationLmOptions options) : IObjective
{
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "permutation-lm";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.TwoStream | Capabilities.FreeMask | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("share", options.Share),
        Setting.Of("context", options.Prediction.ContextShare),
        Setting.Of("max_pieces", options.Prediction.MaxPieces),
        Setting.Of("stretch", options.StretchLength),
        Setting.Of("first_part", options.FirstPart),
    ];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has nothing but special tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        bool[] visible = new bool[Pairs(input.Segments)];
        List<int> rows = [];
        int[] counts = new int[examples.Count];
        for (int s = 0, pairs = 0; s < counts.Length; s++)
        {
            int length = input.Segments.Length(s);
            _draws.Restart(random.Stream((uint)(firstIndex + s)));
            bool[] targets = Order(examples[s], s, visible.AsSpan(pairs, length * length));
            for (int i = 0; i < length; i++)
            {
                if (!targets[i])
                    continue;
                rows.Add(input.Segments.Start(s) + i);
                counts[s]++;
            }
            pairs += length * length;
        }
        Memory<int> labels = arrays.Ints(rows.Count);
        for (int i = 0; i < rows.Count; i++)
            labels.Span[i] = input.Ids.Span[rows[i]];
        TokenBatch masked = input with { PairMask = visible, Targets = new TargetRows(rows.ToArray(), Segments.FromLengths(counts)) };
        return LabelledTokenBatch.Of(masked, labels, arrays);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, output, tokens.Labels));
    }

    // Each part is a text of its own; the second one sees all of the first.
    private bool[] Order(Example example, int number, Span<bool> visible)
    {
        int length = example.Ids.Length, first = options.FirstPart is { } part && part < length ? part : length;
        bool[] special = example.Special.IsEmpty ? new bool[length] : example.Special.ToArray();
        if (!special.Contains(false))
            throw new ArgumentException($"Example {number} of the batch has nothing but special tokens; there is nothing to predict.", nameof(example));
        bool[] starts = new bool[length];
        for (int i = 0; i < length; i++)
            starts[i] = i == 0 || example.Words.IsEmpty || example.Words.Span[i] != example.Words.Span[i - 1];
        bool[] targets = new bool[length];
        foreach ((int from, int count) in (ReadOnlySpan<(int, int)>)[(0, first), (first, length - first)])
        {
            bool[] allowed = [.. special.Skip(from).Take(count).Select(s => !s)];
            int open = allowed.Count(a => a);
            if (open > 0)
            {
                int goal = Math.Clamp((int)Math.Round((double)count / options.Share, MidpointRounding.ToEven), 1, open);
                options.Prediction.Choose(starts.AsSpan(from, count), allowed, goal, _draws).CopyTo(targets, from);
            }
            if (count == 0)
                continue;
            int[] ranks = PredictionOrder.Draw(count, Math.Min(options.StretchLength ?? count, count), _draws);
            PredictionOrder.Mark(ranks, targets.AsSpan(from, count), special.AsSpan(from, count), visible[(from * length + from)..], length);
            for (int i = from; i < from + count; i++)
                visible.Slice(i * length, from).Fill(true);
        }
        return targets;
    }

    private static int Pairs(Segments segments)
    {
        int pairs = 0;
        for (int s = 0; s < segments.Count; s++)
            pairs = checked(pairs + segments.Length(s) * segments.Length(s));
        return pairs;
    }
}
