using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>SpanBERT's objective on whole models; its choice of spans has reference vectors.</summary>
public sealed class SpanBoundaryTests
{
    private static readonly Example Text = new()
    {
        Ids = new[] { 2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 3 },
        Special = new[] { true, false, false, false, false, false, false, false, false, false, true },
        Words = new[] { -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, -1 },
    };

    [Fact]
    public void Boundaries_add_a_loss_of_their_own()
    {
        float heavy = Loss(2), light = Loss(1), none = Loss(0);
        Assert.True(light > none);
        Assert.Equal(2 * (light - none), heavy - none, 1e-4f);
    }

    [Fact]
    public void Spans_that_end_at_a_special_token_have_no_boundaries()
    {
        // Everything is chosen: no token is left on either side.
        var all = new SpanBoundary(new MaskedLm(new SpanMasking(1), new TokenCorruption(4, 40)));
        var words = new MaskedLm(new SpanMasking(1), new TokenCorruption(4, 40));
        Assert.Equal(Loss(words), Loss(all));
    }

    private static float Loss(double weight) => Loss(new SpanBoundary(new MaskedLm(new SpanMasking(0.3), new TokenCorruption(4, 40)), weight));

    private static float Loss(IObjective objective)
    {
        Model model = MatrixExamples.Build("spanbert", [new HeadRequest(HeadKind.MaskedLm), new HeadRequest(HeadKind.SpanBoundary)]).Model;
        var tape = new Tape();
        tape.Begin(recording: true);
        return objective.Loss(new Pass(tape), model, objective.Collate([Text, Text, Text], new RandomStream(3))).Item;
    }
}
