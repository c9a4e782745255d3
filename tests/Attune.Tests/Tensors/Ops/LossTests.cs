using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class LossTests
{
    [Fact]
    public void Squared_error_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("losses/mse");
        golden.CheckOperation((tape, input) => [("loss", tape.MeanSquaredError(input("x"), input("y")))]);
    }

    [Fact]
    public void Binary_cross_entropy_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("losses/bce_with_logits");
        golden.CheckOperation((tape, input) => [("loss", tape.BinaryCrossEntropyWithLogits(input("logits"), input("targets")))]);
    }

    // Figures of PyTorch 1.13; the second row does not count.
    [Theory]
    [InlineData(0f, LossReduction.Mean, 1.2132236f)]
    [InlineData(0f, LossReduction.Sum, 1.8198353f)]
    [InlineData(0.2f, LossReduction.Mean, 1.2782604f)]
    public void Classes_may_have_weights(float smoothing, LossReduction reduction, float expected)
    {
        var tape = new Tape();
        tape.Begin(recording: true);
        Tensor logits = Tensor.From([3, 3], [1, 2, 3, 0, 0, 0, -1, 0.5f, 2], requiresGradient: true);
        Tensor loss = tape.CrossEntropy(logits, new[] { 1, -100, 2 }, [0.5f, 1.25f, 0.25f], smoothing: smoothing, reduction: reduction);
        Assert.Equal(expected, loss.ToArray()[0], 1e-5f);
        tape.Backward(loss);
        Assert.Equal([0, 0, 0], logits.Grad!.ToArray()[3..6]);
        Assert.Throws<ArgumentException>(() => tape.CrossEntropy(logits, new[] { 0, 0, 0 }, [1f, 1]));
        Assert.Throws<ArgumentException>(() => tape.CrossEntropy(logits, new[] { 0, 0, 0 }, [1f, 1, float.NaN]));
    }

    [Fact]
    public void Divergence_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("losses/kl_distillation");
        float temperature = golden.Arguments.GetProperty("temperature").GetSingle();
        golden.CheckOperation((tape, input) => [("loss", tape.KlDivergence(input("student"), input("teacher"), temperature))]);
    }

    [Fact]
    public void Cosine_embedding_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("losses/cosine_embedding");
        float margin = golden.Arguments.GetProperty("margin").GetSingle();
        golden.CheckOperation((tape, input) =>
        {
            int[] targets = [.. input("target").ToArray().Select(t => (int)t)];
            return [("loss", tape.CosineEmbedding(input("a"), input("b"), targets, margin))];
        });
    }

    [Fact]
    public void Distillation_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("losses/distillation");
        System.Text.Json.JsonElement a = golden.Arguments;
        int[] mask = golden.Integers("input.attention_mask");
        int[] rows = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i] != 0)];
        int[] labels = [.. rows.Select(r => golden.Integers("input.lm_labels")[r])];
        Segments segments = Segments.FromLengths([.. mask.Chunk(8).Select(row => row.Sum())]);
        var weights = new DistillationWeights
        {
            Temperature = a.GetProperty("temperature").GetSingle(),
            Divergence = a.GetProperty("alpha_ce").GetSingle(),
            MaskedTokens = a.GetProperty("alpha_mlm").GetSingle(),
            NextTokens = a.GetProperty("alpha_clm").GetSingle(),
            SquaredError = a.GetProperty("alpha_mse").GetSingle(),
            Cosine = a.GetProperty("alpha_cos").GetSingle(),
            LabelledRowsOnly = a.GetProperty("restrict_ce_to_mask").GetBoolean(),
        };
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            tape.Begin(recording: true);
            Tensor logits = golden.Tensor("input.s_logits"), hidden = golden.Tensor("input.s_hidden");
            DistillationLoss loss = tape.Distillation(
                new(Attended(logits), Attended(hidden)), new(Attended(golden.Tensor("input.t_logits").Detach()), Attended(golden.Tensor("input.t_hidden").Detach())),
                labels, segments, weights);
            golden.Check("output", "output.ce", loss.Divergence);
            golden.Check("output", "output.mlm", loss.MaskedTokens);
            golden.Check("output", "output.cos", loss.Cosine);
            golden.Check("output", "output.clm", loss.NextTokens);
            golden.Check("output", "output.mse", loss.SquaredError);
            golden.Check("output", "output.loss", loss.Total);
            tape.Backward(loss.Total);
            golden.Check("grad", "grad.s_logits", logits.Grad);
            golden.Check("grad", "grad.s_hidden", hidden.Grad);
        }

        Tensor Attended(Tensor padded) => tape.GatherRows(padded.Reshape([mask.Length, padded.Shape.Width]), rows);
    }

    [Fact]
    public void Distillation_can_look_at_labelled_rows_only()
    {
        Tensor student = GradientCheck.Normal([3, 5], 1).Detach(), teacher = GradientCheck.Normal([3, 5], 2).Detach();
        var weights = new DistillationWeights { LabelledRowsOnly = true, Divergence = 1, MaskedTokens = null, SquaredError = 1, Cosine = null };
        var tape = new Tape();
        DistillationLoss loss = tape.Distillation(
            new(student, student), new(teacher, teacher), new[] { -100, 2, -100 }, Segments.FromLengths(3), weights);
        Tensor row = student.DetachedRows(1, 1), shown = teacher.DetachedRows(1, 1);
        Assert.Equal(tape.KlDivergence(row, shown, 2).Item, loss.Divergence!.Item, 1e-6f);
        Assert.Null(loss.NextTokens);
        Assert.Equal(5 * tape.MeanSquaredError(row, shown).Item, loss.SquaredError!.Item, 1e-5f);
        Assert.Throws<ArgumentException>(() => tape.Distillation(
            new(student, student), new(teacher, teacher), new[] { 1, 2, 3 }, Segments.FromLengths(3), weights with { Divergence = null, SquaredError = null }));
    }

    [Fact]
    public void Gradients_are_right()
    {
        Shape shape = [3, 19];
        Tensor targets = Tensor.From(shape, [.. Enumerable.Range(0, 57).Select(i => i % 5 / 4f)]);
        Tensor weights = Tensor.From(shape, [.. Enumerable.Range(0, 57).Select(i => (float)(i % 3))]);
        Tensor teacher = GradientCheck.Normal(shape, 9).Detach();
        GradientCheck.Run((tape, x) => tape.MeanSquaredError(x[0], x[1]), shape, shape);
        GradientCheck.Run((tape, x) => tape.MeanAbsoluteError(x[0], targets), [GradientCheck.Distinct(shape, 1)]);
        GradientCheck.Run((tape, x) => tape.BinaryCrossEntropyWithLogits(x[0], targets), shape);
        GradientCheck.Run((tape, x) => tape.BinaryCrossEntropyWithLogits(x[0], targets, weights), shape);
        GradientCheck.Run((tape, x) => tape.KlDivergence(x[0], teacher, 2), shape);
        GradientCheck.Run((tape, x) => tape.CosineEmbedding(x[0], x[1], [1, -1, 1], -0.9f), shape, shape);
    }

    [Fact]
    public void Weights_leave_elements_out()
    {
        Tensor logits = Tensor.From([3], [0.3f, 70, -0.2f]), targets = Tensor.From([3], [1, 0, 0]);
        double expected = (Math.Log(1 + Math.Exp(-0.3)) + 2 * Math.Log(1 + Math.Exp(-0.2))) / 3;
        Naive.Expect([], [expected], tape => tape.BinaryCrossEntropyWithLogits(logits, targets, Tensor.From([3], [1, 0, 2])));
        Naive.Expect([], [0], tape => tape.BinaryCrossEntropyWithLogits(logits, targets, Tensor.Zeros([3])));
    }

    [Fact]
    public void Classes_excluded_by_both_sides_cost_nothing()
    {
        Tensor student = Tensor.From([1, 3], [1, float.NegativeInfinity, 1]), teacher = Tensor.From([1, 3], [2, float.NegativeInfinity, 2]);
        Naive.Expect([], [0], tape => tape.KlDivergence(student, teacher));
    }

    [Fact]
    public void What_cannot_be_trained_is_refused()
    {
        var tape = new Tape();
        Tensor trained = GradientCheck.Normal([2, 3], 1), constant = trained.Detach();
        Assert.Throws<ArgumentException>(() => tape.KlDivergence(constant, trained));
        Assert.Throws<ArgumentException>(() => tape.BinaryCrossEntropyWithLogits(constant, trained));
        Assert.Throws<ArgumentException>(() => tape.BinaryCrossEntropyWithLogits(constant, constant, trained));
        Assert.Throws<ArgumentException>(() => tape.KlDivergence(constant, constant, 0));
        Assert.Throws<ArgumentException>(() => tape.MeanSquaredError(constant, Tensor.Zeros([3, 2])));
        Assert.Throws<ArgumentException>(() => tape.CosineEmbedding(constant, constant, [1, 0]));
        Assert.Throws<ArgumentException>(() => tape.CosineEmbedding(constant, constant, [1]));
    }
}
