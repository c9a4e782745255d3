using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
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

    /// <summary>
    /// If not null, examples are read in segments of so many tokens, one after another, each with what the model remembers of those before it
    /// (Dai et al. 2019, arXiv:1901.02860); gradients end where a segment begins. Null reads them at once.
    /// </summary>
    public int? SegmentLength { get; init; }

    /// <inheritdoc/>
    public Capabilities Requires =>
        Capabilities.Causal | Capabilities.Tokens | (SegmentLength is null ? Capabilities.None : Capabilities.Memory);

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.CausalLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => SegmentLength is null ? [] : [Setting.Of("segment_length", SegmentLength)];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => SegmentLength is null;

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
        if (SegmentLength is { } length)
            return Segmented(pass, model, tokens, length);
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.CausalLm).Loss(pass, output, tokens.Labels));
    }

    private static Tensor Segmented(Pass pass, Model model, LabelledTokenBatch batch, int length)
    {
        Segments all = batch.Input.Segments;
        // Dropout goes by the number of a row in the whole step: a segment's rows are counted over the sequences of the step.
        long rows = pass.Tape.RowOffset;
        pass.Tape.RowOffset = pass.Tape.SequenceOffset * length;
        Tensor? sum = null;
        SegmentMemory? memory = null;
        for (int first = 0; first < all.MaxLength; first += length)
        {
            (TokenBatch input, int[] labels) = Cut(batch, first, length);
            BackboneOutput output = model.Forward(pass, input with { Memory = memory, KeepsMemory = first + length < all.MaxLength });
            Tensor loss = output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.CausalLm).Loss(pass, output, labels));
            loss = pass.Tape.Scale(loss, labels.Length / (float)all.Rows);
            sum = sum is null ? loss : pass.Tape.Add(sum, loss);
            memory = output.Memory;
        }
        pass.Tape.RowOffset = rows;
        return sum!;
    }

    // A sequence that has ended goes on without rows, so that each keeps its place.
    private static (TokenBatch Input, int[] Labels) Cut(LabelledTokenBatch batch, int first, int length)
    {
        Segments all = batch.Input.Segments;
        int[] lengths = new int[all.Count];
        for (int s = 0; s < lengths.Length; s++)
            lengths[s] = Math.Clamp(all.Length(s) - first, 0, length);
        var segments = Segments.FromLengths(lengths);
        int[] ids = new int[segments.Rows], labels = new int[segments.Rows];
        for (int s = 0; s < lengths.Length; s++)
        {
            int from = all.Start(s) + first;
            if (lengths[s] == 0)
                continue;
            batch.Input.Ids.Span.Slice(from, lengths[s]).CopyTo(ids.AsSpan(segments.Start(s)));
            batch.Labels.Span.Slice(from, lengths[s]).CopyTo(labels.AsSpan(segments.Start(s)));
        }
        return (new TokenBatch { Ids = ids, Segments = segments }, labels);
    }
}
