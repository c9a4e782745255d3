using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Xunit;

namespace Attune.Tests.Backbones;

public sealed class SegmentMemoryTests
{
    [Fact]
    public void The_last_rows_of_each_sequence_are_kept()
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        var before = new SegmentMemory([Tensor.From([3, 1], [1, 2, 11])], Segments.FromLengths(2, 1));

        SegmentMemory next = SegmentMemory.Next(tape, before, [Tensor.From([4, 1], [3, 12, 13, 14])], Segments.FromLengths(1, 3), 2);
        Assert.Equal([2, 3, 13, 14], next.Blocks[0].ToArray());
        Assert.Equal([0, 2, 4], next.Segments.Offsets.ToArray());

        SegmentMemory all = SegmentMemory.Next(tape, before, [Tensor.From([4, 1], [3, 12, 13, 14])], Segments.FromLengths(1, 3), null);
        Assert.Equal([1, 2, 3, 11, 12, 13, 14], all.Blocks[0].ToArray());

        SegmentMemory reused = SegmentMemory.Next(tape, null, [Tensor.From([4, 1], [3, 12, 13, 14])], Segments.FromLengths(1, 3), 5, reused: 2);
        Assert.Equal([3, 12, 13], reused.Blocks[0].ToArray());
    }

    [Fact]
    public void A_model_with_memory_reads_earlier_segments_and_nothing_ahead()
    {
        (Model model, int vocabulary) = Training.MatrixExamples.Build("transfo-xl", [new HeadRequest(HeadKind.CausalLm)]);
        var backbone = (ISequenceBackbone)model.Backbone;
        int[] first = [.. Enumerable.Range(0, 6).Select(i => (i * 7 + 3) % vocabulary)], second = [.. Enumerable.Range(0, 5).Select(i => (i * 5 + 1) % vocabulary)];

        float[] After(int[] earlier, int[] tokens)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            var pass = new Pass(tape);
            SegmentMemory? memory = backbone.Forward(pass, TokenBatch.Of(earlier) with { KeepsMemory = true }).Memory;
            return backbone.Forward(pass, TokenBatch.Of(tokens) with { Memory = memory }).Hidden.ToArray();
        }

        float[] expected = After(first, second);
        Assert.NotEqual(expected, After([1, .. first[1..]], second));
        float[] changed = After(first, [.. second[..^1], (second[^1] + 1) % vocabulary]);
        int kept = expected.Length / second.Length * (second.Length - 1);
        Assert.Equal(expected[..kept], changed[..kept]);
        Assert.NotEqual(expected[kept..], changed[kept..]);
    }
}
