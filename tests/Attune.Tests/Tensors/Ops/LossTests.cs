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
