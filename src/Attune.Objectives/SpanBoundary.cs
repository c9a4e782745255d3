using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// SpanBERT's objective (Joshi et al. 2020, arXiv:1907.10529): masked language modelling together with the span boundary objective, which
/// predicts each token of a masked span from the tokens around the span and the token's place in it.
/// </summary>
/// <param name="masked">The masked language modelling; neighbouring chosen tokens are one span.</param>
/// <param name="weight">How much the span boundary objective weighs.</param>
/// <param name="outside">Whether the boundaries are the tokens next to a span, as published, or its own first and last.</param>
public sealed class SpanBoundary(MaskedLm masked, double weight = 1, bool outside = true) : IObjective
{
    /// <inheritdoc/>
    public string Name => "span-boundary";

    /// <inheritdoc/>
    public Capabilities Requires => masked.Requires;

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [.. masked.Settings, Setting.Of("boundary_weight", weight), Setting.Of("outside", outside)];

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm), new(HeadKind.SpanBoundary)];

    /// <inheritdoc/>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var tokens = (LabelledTokenBatch)masked.Collate(examples, random, firstIndex);
        List<int> left = [], right = [], places = [], labels = [];
        for (int s = 0; s < examples.Count; s++)
        {
            int start = tokens.Input.Segments.Start(s), length = tokens.Input.Segments.Length(s);
            ReadOnlySpan<int> label = tokens.Labels.Span.Slice(start, length);
            bool[] chosen = new bool[length], inside = new bool[length];
            for (int i = 0; i < length; i++)
            {
                chosen[i] = label[i] != Labels.Ignore;
                inside[i] = examples[s].Special.IsEmpty || !examples[s].Special.Span[i];
            }
            foreach ((int from, int to, int first, int count) in Spans(chosen, inside, outside))
            {
                for (int place = 0; place < count; place++)
                {
                    left.Add(start + from);
                    right.Add(start + to);
                    places.Add(place);
                    labels.Add(label[first + place]);
                }
            }
        }
        return new SpanBatch
        {
            Tokens = tokens.Tokens,
            Examples = tokens.Examples,
            Weight = tokens.Weight,
            Arrays = tokens.Arrays,
            Masked = tokens,
            Targets = new BoundaryTargets(left.ToArray(), right.ToArray(), places.ToArray(), labels.ToArray()),
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var spans = (SpanBatch)batch;
        BackboneOutput output = model.Forward(pass, spans.Masked.Input);
        Tensor loss = model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, output, spans.Masked.Labels);
        IBoundaryHead head = model.Head<IBoundaryHead>(HeadKind.SpanBoundary);
        if (Within(spans.Targets, head.MaxTargets) is { Labels.Length: > 0 } targets)
            loss = pass.Tape.Add(loss, pass.Tape.Scale(head.Loss(pass, output, targets), (float)weight));
        return output.WithAuxiliaryLoss(pass, loss);
    }

    /// <summary>
    /// The spans of a sequence: the longest runs of chosen tokens. Those that have no token inside the block on one side are left out if the
    /// boundaries are outside.
    /// </summary>
    /// <param name="chosen">Which tokens are to be predicted.</param>
    /// <param name="inside">Which tokens are text, and not special.</param>
    /// <param name="outside">Whether the boundaries are next to the span.</param>
    /// <returns>Both boundaries, the first token and the number of tokens.</returns>
    internal static List<(int Left, int Right, int First, int Count)> Spans(ReadOnlySpan<bool> chosen, ReadOnlySpan<bool> inside, bool outside)
    {
        List<(int, int, int, int)> spans = [];
        for (int first = 0; first < chosen.Length; first++)
        {
            if (!chosen[first])
                continue;
            int end = first;
            while (end < chosen.Length && chosen[end])
                end++;
            if (!outside)
                spans.Add((first, end - 1, first, end - first));
            else if (first > 0 && inside[first - 1] && end < chosen.Length && inside[end])
                spans.Add((first - 1, end, first, end - first));
            first = end;
        }
        return spans;
    }

    // A head knows so many places; tokens further on in a long span are left to the masked language model.
    private static BoundaryTargets Within(BoundaryTargets targets, int places)
    {
        int[] kept = [.. Enumerable.Range(0, targets.Places.Length).Where(i => targets.Places.Span[i] < places)];
        int[] Of(ReadOnlyMemory<int> all) => Array.ConvertAll(kept, i => all.Span[i]);
        return kept.Length == targets.Places.Length
            ? targets
            : new BoundaryTargets(Of(targets.Left), Of(targets.Right), Of(targets.Places), Of(targets.Labels));
    }

    private sealed record SpanBatch : Batch
    {
        public required LabelledTokenBatch Masked { get; init; }

        public required BoundaryTargets Targets { get; init; }
    }
}
