using Attune.Nn.Contracts;
using Attune.Tensors;

namespace Attune.Inference.Generation.Decoding;

/// <summary>
/// Carries the memory of earlier segments from step to step, for backbones that have one: each step is a segment. How far they look back is
/// theirs, so there is no other way of reading that would agree.
/// </summary>
internal sealed class RememberingSession(GenerativeModel model, Precision precision, IReadOnlyList<IReadOnlyList<int>> sources)
    : DecodingSession(model, precision, sources)
{
    private SegmentMemory? _memory;

    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<int> sequences)
    {
        if (_memory is not { } memory)
            return;
        int[] lengths = new int[sequences.Length];
        List<int> rows = [];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = memory.Segments.Length(sequences[i]);
            rows.AddRange(Enumerable.Range(memory.Segments.Start(sequences[i]), lengths[i]));
        }
        _memory = new SegmentMemory([.. memory.Blocks.Select(block => Rows.Chosen(block, rows))], Segments.FromLengths(lengths));
    }

    /// <inheritdoc/>
    protected override BackboneOutput Run(Pass pass, TokenBatch unread)
    {
        BackboneOutput output = Model.Run(pass, unread with { Memory = _memory, KeepsMemory = true }, Source);
        // What the backbone gives lives as long as its pass.
        _memory = output.Memory is { } memory ? memory with { Blocks = [.. memory.Blocks.Select(block => Tensor.From(block.Shape, block.Span))] } : null;
        return output;
    }
}
