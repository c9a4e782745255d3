using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class ChannelNormTests
{
    [Theory]
    [InlineData("batch_norm2d_train")]
    [InlineData("batch_norm2d_eval")]
    public void Batch_norm_equals_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        bool training = golden.Arguments.GetProperty("training").GetBoolean();
        golden.CheckOperation((tape, input) =>
        {
            Tensor mean = input("running_mean"), variance = input("running_var");
            Tensor y = tape.BatchNorm(
                input("x"), input("weight"), input("bias"), mean, variance, golden.Arguments.GetProperty("momentum").GetSingle(),
                golden.Arguments.GetProperty("eps").GetSingle(), training);
            return training ? [("y", y), ("running_mean", mean), ("running_var", variance)] : [("y", y)];
        });
    }

    [Fact]
    public void Group_norm_equals_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("layers/group_norm");
        golden.CheckOperation((tape, input) =>
        [
            ("y", tape.GroupNorm(
                input("x"), golden.Arguments.GetProperty("num_groups").GetInt32(), input("weight"), input("bias"),
                golden.Arguments.GetProperty("eps").GetSingle())),
        ]);
    }

    [Fact]
    public void Gradients_are_right()
    {
        Tensor mean = GradientCheck.Normal([4], 5).Detach(), variance = Tensor.From([4], [0.5f, 1, 2, 3]);
        GradientCheck.Run((tape, x) => tape.GroupNorm(x[0], 2, x[1], x[2]), [2, 4, 3], [4], [4]);
        GradientCheck.Run((tape, x) => tape.GroupNorm(x[0], 1, null, null), [2, 4, 3]);
        GradientCheck.Run((tape, x) => tape.BatchNorm(x[0], x[1], x[2], mean, variance, batchStatistics: true), [3, 4, 2], [4], [4]);
        Tensor still = Tensor.From([4], mean.ToArray()), spread = Tensor.From([4], variance.ToArray());
        GradientCheck.Run((tape, x) => tape.BatchNorm(x[0], x[1], x[2], still, spread, batchStatistics: false), [3, 4, 2], [4], [4]);
    }

    [Fact]
    public void The_tape_says_which_statistics_are_used()
    {
        Tensor x = GradientCheck.Normal([3, 2, 4], 1, 2, 5), mean = Tensor.Zeros([2]), variance = Tensor.From([2], [1, 1]);
        var tape = new Tape();
        tape.Begin(recording: false, training: false);
        Assert.Equal(x.Span[0], tape.BatchNorm(x, null, null, mean, variance).Span[0], 1e-3f);
        Assert.Equal(0, mean.Span[0]);
        tape.Begin(recording: false, training: true);
        Assert.NotEqual(x.Span[0], tape.BatchNorm(x, null, null, mean, variance).Span[0], 1e-1f);
        Assert.NotEqual(0, mean.Span[0]);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var tape = new Tape();
        Tensor four = Tensor.Zeros([4]);
        Assert.Throws<ArgumentException>(() => tape.GroupNorm(Tensor.Zeros([2, 4, 3]), 3, null, null));
        Assert.Throws<ArgumentException>(() => tape.GroupNorm(Tensor.Zeros([4]), 1, null, null));
        Assert.Throws<ArgumentException>(() => tape.GroupNorm(Tensor.Zeros([2, 4, 3]), 2, Tensor.Zeros([3]), null));
        Assert.Throws<ArgumentException>(() => tape.BatchNorm(Tensor.Zeros([2, 3, 3]), null, null, four, four));
        Assert.Throws<ArgumentException>(() => tape.BatchNorm(Tensor.Zeros([1, 4, 1]), null, null, four, four, batchStatistics: true));
    }
}
