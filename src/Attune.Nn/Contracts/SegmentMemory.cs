using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Contracts;

/// <summary>
/// What the blocks of a stack got for earlier segments of some sequences, for later segments to read (Dai et al. 2019, arXiv:1901.02860). No
/// gradient flows into it.
/// </summary>
/// <param name="Blocks">The rows that each block got, <c>[rows, width]</c>.</param>
/// <param name="Segments">The sequences, one for each of the batch that reads it.</param>
public sealed record SegmentMemory(IReadOnlyList<Tensor> Blocks, Segments Segments)
{
    /// <summary>The memory that follows from new rows: the last ones of each sequence.</summary>
    /// <param name="tape">Where rows are copied; the memory lives as long as its pass.</param>
    /// <param name="before">The memory that the new rows have read; null if there was none.</param>
    /// <param name="inputs">What each block got.</param>
    /// <param name="segments">The sequences of the new rows, which come first in <paramref name="inputs"/>.</param>
    /// <param name="length">The most rows that are kept of a sequence; null keeps all.</param>
    /// <param name="reused">How many of a sequence's new rows may be kept; null is all.</param>
    public static SegmentMemory Next(
        Tape tape, SegmentMemory? before, IReadOnlyList<Tensor> inputs, Segments segments, int? length, int? reused = null)
    {
        int old = before?.Segments.Rows ?? 0;
        List<int> rows = [];
        int[] lengths = new int[segments.Count];
        for (int s = 0; s < lengths.Length; s++)
        {
            int oldCount = before?.Segments.Length(s) ?? 0, newCount = Math.Min(segments.Length(s), reused ?? int.MaxValue);
            int kept = lengths[s] = Math.Min(oldCount + newCount, length ?? int.MaxValue);
            for (int i = oldCount + newCount - kept; i < oldCount + newCount; i++)
                rows.Add(i < oldCount ? before!.Segments.Start(s) + i : old + segments.Start(s) + i - oldCount);
        }
        int[] order = [.. rows];
        Tensor Of(int block)
        {
            Tensor seen = inputs[block].DetachedRows(0, segments.Rows);
            return tape.GatherRows(before is null ? seen : tape.Concat(0, before.Blocks[block], seen), order);
        }
        return new SegmentMemory([.. Enumerable.Range(0, inputs.Count).Select(Of)], Segments.FromLengths(lengths));
    }
}
