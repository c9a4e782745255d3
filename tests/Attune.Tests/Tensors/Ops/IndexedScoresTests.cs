using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class IndexedScoresTests
{
    private static readonly Segments Queries = Segments.FromLengths(3, 0, 5);
    private static readonly Segments Keys = Segments.FromLengths(4, 2, 7);

    private static int[] Index()
    {
        int[] index = new int[3 * 4 + 5 * 7];
        for (int i = 0; i < index.Length; i++)
            index[i] = i % 5 == 4 ? -1 : i * 7 % 6;
        return index;
    }

    [Fact]
    public void Each_pair_takes_the_product_with_its_row()
    {
        Tensor q = GradientCheck.Normal([8, 6], 1), table = GradientCheck.Normal([6, 10], 2);
        int[] index = Index();
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using IDisposable forced = Isa.Force(set);
            tape.Begin(recording: false);
            float[] scores = tape.IndexedScores(new Heads(q, 0, 2, 3), new Heads(table, 4, 2, 3), Queries, Keys, index, 0.5f).ToArray();
            int next = 0, pairs = 0;
            for (int s = 0; s < Queries.Count; s++)
            {
                for (int head = 0; head < 2; head++)
                {
                    for (int pair = 0; pair < Queries.Length(s) * Keys.Length(s); pair++, next++)
                    {
                        int row = index[pairs + pair], query = Queries.Start(s) + pair / Keys.Length(s);
                        double expected = row < 0 ? double.NegativeInfinity
                            : 0.5 * Enumerable.Range(0, 3).Sum(i => (double)q.Span[query * 6 + head * 3 + i] * table.Span[row * 10 + 4 + head * 3 + i]);
                        Assert.Equal(expected, scores[next], 1e-5);
                    }
                }
                pairs += Queries.Length(s) * Keys.Length(s);
            }
            Assert.Equal(next, scores.Length);
        }
    }

    [Fact]
    public void Gradients_are_those_of_the_forward_pass()
    {
        int[] index = [.. Index().Select(row => Math.Max(row, 0))];
        GradientCheck.Run(
            (tape, inputs) => tape.IndexedScores(Heads.Of(inputs[0], 2), Heads.Of(inputs[1], 2), Queries, Keys, index, 0.7f), [8, 10], [6, 10]);
    }

    [Fact]
    public void Hidden_pairs_get_no_weight_and_no_gradient()
    {
        int[] index = Index();
        GradientCheck.Run(
            (tape, inputs) => tape.Attention(
                Heads.Of(inputs[0], 2), Heads.Of(inputs[1], 2), Heads.Of(inputs[1], 2), Queries, Keys,
                new AttentionOptions { Bias = tape.IndexedScores(Heads.Of(inputs[0], 2), Heads.Of(inputs[2], 2), Queries, Keys, index, 0.7f) }),
            [8, 6], [13, 6], [6, 6]);
    }

    [Fact]
    public void An_index_beyond_the_table_is_refused()
    {
        Tensor q = Tensor.Zeros([2, 4]), table = Tensor.Zeros([3, 4]);
        var tape = new Tape();
        tape.Begin(recording: false);
        Segments one = Segments.FromLengths(2);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => tape.IndexedScores(Heads.Of(q, 2), Heads.Of(table, 2), one, one, new[] { 0, 1, 2, 3 }, 1));
        Assert.Contains("below 3", error.Message, StringComparison.Ordinal);
    }
}
