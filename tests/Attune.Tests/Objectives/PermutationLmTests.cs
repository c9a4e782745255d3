using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Permutation;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class PermutationLmTests
{
    private static Example Text(int length) => new()
    {
        Ids = Enumerable.Range(0, length).Select(i => 5 + i).ToArray(),
        Special = Enumerable.Range(0, length).Select(i => i == length - 1).ToArray(),
    };

    [Property]
    public void A_predicted_token_sees_neither_itself_nor_what_sees_it(byte size, byte seed)
    {
        int length = 2 + size % 40;
        var batch = (LabelledTokenBatch)new PermutationLm(new PermutationLmOptions { FirstPart = size % 3 == 0 ? length / 2 : null }).Collate(
            [Text(length)], new RandomStream(seed));
        ReadOnlySpan<bool> visible = batch.Input.PairMask!.Value.Span;
        ReadOnlySpan<int> rows = batch.Input.Targets!.Rows.Span;
        Assert.Equal(rows.Length, batch.Labels.Length);
        Assert.InRange(rows.Length, 1, length - 1);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(batch.Input.Ids.Span[rows[i]], batch.Labels.Span[i]);
            Assert.False(visible[rows[i] * length + rows[i]]);
            foreach (int other in rows)
                Assert.False(visible[rows[i] * length + other] && visible[other * length + rows[i]]);
        }
    }

    [Fact]
    public void What_a_prediction_does_not_see_does_not_change_it()
    {
        (Model model, int vocabulary) = MatrixExamples.Build("xlnet", [new HeadRequest(HeadKind.MaskedLm)]);
        var batch = (LabelledTokenBatch)new PermutationLm(new PermutationLmOptions { Share = 2 }).Collate([Text(12)], new RandomStream(3));
        float[] Rows(TokenBatch input)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            return model.Forward(new Pass(tape), input).Hidden.ToArray();
        }
        float[] expected = Rows(batch.Input);
        int[] targets = batch.Input.Targets!.Rows.ToArray();
        int width = expected.Length / targets.Length;
        for (int changed = 0; changed < 12; changed++)
        {
            int[] ids = batch.Input.Ids.ToArray();
            ids[changed] = (ids[changed] + 1) % vocabulary;
            float[] found = Rows(batch.Input with { Ids = ids });
            for (int i = 0; i < targets.Length; i++)
            {
                // Only those that see nothing at all mix everything, as the reference does.
                bool blind = !batch.Input.PairMask!.Value.Span.Slice(targets[i] * 12, 12).Contains(true);
                bool seen = batch.Input.PairMask.Value.Span[targets[i] * 12 + changed];
                if (!blind)
                    Assert.Equal(!seen, expected.AsSpan(i * width, width).SequenceEqual(found.AsSpan(i * width, width)));
            }
        }
    }

    [Fact]
    public void Runs_lie_in_stretches_of_six_times_their_length()
    {
        var prediction = new PartialPrediction();
        bool[] chosen = prediction.Choose(new bool[600].Select(_ => true).ToArray(), new bool[600].Select(_ => true).ToArray(), 100, new(new RandomStream(1)));
        Assert.Equal(100, chosen.Count(c => c));
        Assert.InRange(chosen.Take(300).Count(c => c), 30, 75);
    }
}
