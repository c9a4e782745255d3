using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Nn;

public sealed class RelativeAttentionTests
{
    [Fact]
    public void A_row_that_sees_nothing_mixes_all_alike_and_gradients_still_flow()
    {
        (Model model, _) = MatrixExamples.Build("xlnet", [new HeadRequest(HeadKind.MaskedLm)]);
        // Row 1 sees nothing, row 3 all but itself; what is there may not matter for row 1's weights.
        bool[] visible = [.. Enumerable.Range(0, 25).Select(pair => pair / 5 != 1 && pair / 5 != pair % 5)];
        TokenBatch batch = TokenBatch.Of([5, 9, 7, 11, 6]) with { PairMask = visible, Targets = new TargetRows(new[] { 1, 3 }, Segments.FromLengths(2)) };
        var tape = new Tape();
        var trace = new Trace();
        tape.Begin(recording: true);
        BackboneOutput output = model.Forward(new Pass(tape, trace), batch);
        AttentionMaps targets = trace.Attentions[1];
        for (int head = 0; head < targets.Heads; head++)
        {
            ReadOnlySpan<float> weights = targets.Of(0).Span.Slice(head * 10, 10);
            for (int key = 0; key < 5; key++)
                Assert.Equal(0.2f, weights[key], 1e-5f);
            Assert.Equal(0, weights[8]);
        }
        tape.Backward(model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(new Pass(tape), output, new[] { 9, Labels.Ignore }));
        Parameter position = model.Parameters().Single(p => p.Path == "backbone.layers.0.mixer.position.weight").Parameter;
        Assert.True(position.Value.Grad!.ToArray().All(float.IsFinite) && position.Value.Grad.Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void Distances_count_and_positions_may_begin_anywhere()
    {
        (Model model, _) = MatrixExamples.Build("xlnet", []);
        var tape = new Tape();
        float[] Rows(params int[] positions)
        {
            tape.Begin(recording: false);
            return model.Forward(new Pass(tape), TokenBatch.Of([5, 9, 7]) with { Positions = positions }).Hidden.ToArray();
        }
        float[] expected = Rows(0, 1, 2);
        float[] moved = Rows(4, 5, 6);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], moved[i], 1e-5f);
        Assert.NotEqual(expected, Rows(0, 1, 4));
    }
}
