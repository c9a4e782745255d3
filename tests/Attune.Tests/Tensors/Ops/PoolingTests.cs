using System.Text.Json;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class PoolingTests
{
    [Theory]
    [InlineData("max_pool2d")]
    [InlineData("max_pool2d_overlap")]
    [InlineData("avg_pool2d")]
    [InlineData("avg_pool2d_pad")]
    public void Moving_windows_equal_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        bool max = golden.Description.GetProperty("op").GetString() == "max_pool2d";
        golden.CheckOperation((tape, input) =>
            [("y", max ? tape.MaxPool2d(input("x"), Window(0), Window(1)) : tape.AvgPool2d(input("x"), Window(0), Window(1)))]);

        SlidingWindow Window(int axis)
        {
            JsonElement a = golden.Arguments;
            return new(
                a.GetProperty("kernel_size")[axis].GetInt32(), a.GetProperty("stride")[axis].GetInt32(), a.GetProperty("padding")[axis].GetInt32());
        }
    }

    [Theory]
    [InlineData("adaptive_avg_pool2d_1x1")]
    [InlineData("adaptive_avg_pool2d_3x5")]
    public void Bins_equal_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        JsonElement size = golden.Arguments.GetProperty("output_size");
        golden.CheckOperation((tape, input) => [("y", tape.AdaptiveAvgPool2d(input("x"), size[0].GetInt32(), size[1].GetInt32()))]);
    }

    [Fact]
    public void Gradients_are_right()
    {
        GradientCheck.Run(
            (tape, x) => tape.MaxPool2d(x[0], new(2, 1, 1, 2), new(3, 2, 1)), [GradientCheck.Distinct([2, 2, 4, 5], 1)]);
        GradientCheck.Run((tape, x) => tape.AvgPool2d(x[0], new(3, 2, 1), new(2, 1)), [1, 2, 5, 4]);
        GradientCheck.Run((tape, x) => tape.AdaptiveAvgPool2d(x[0], 2, 3), [1, 2, 5, 4]);
    }

    [Fact]
    public void A_last_window_may_reach_over_the_edge()
    {
        Tensor x = Tensor.From([1, 1, 1, 6], [1, 2, 3, 4, 5, 9]);
        SlidingWindow down = new(1), across = new SlidingWindow(3, 2, 1) { RoundUp = true };
        Naive.Expect([1, 1, 1, 4], [2, 4, 9, 9], tape => tape.MaxPool2d(x, down, across));
        Naive.Expect([1, 1, 1, 4], [1, 3, 6, 4.5], tape => tape.AvgPool2d(x, down, across));
        Naive.Expect([1, 1, 1, 4], [1.5, 3, 6, 9], tape => tape.AvgPool2d(x, down, across, countPadding: false));
        Naive.Expect([1, 1, 1, 3], [2, 4, 9], tape => tape.MaxPool2d(x, down, across with { RoundUp = false }));
    }

    [Fact]
    public void What_is_not_a_number_stays_the_largest()
    {
        Tensor x = Tensor.From([1, 1, 1, 3], [float.NaN, 1, 2]);
        Naive.Expect([1, 1, 1, 2], [double.NaN, 2], tape => tape.MaxPool2d(x, new(1), new(2)));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var tape = new Tape();
        Tensor x = Tensor.Zeros([1, 1, 4, 4]);
        Assert.Throws<ArgumentException>(() => tape.MaxPool2d(x, new(5), new(2)));
        Assert.Throws<ArgumentException>(() => tape.MaxPool2d(x, new(2, 1, 2), new(2)));
        Assert.Throws<ArgumentException>(() => tape.AvgPool2d(x, new(2, 1, 0, 2), new(2)));
        Assert.Throws<ArgumentException>(() => tape.AdaptiveAvgPool2d(x, 0, 2));
        Assert.Throws<ArgumentException>(() => tape.MaxPool2d(Tensor.Zeros([4, 4]), new(2), new(2)));
    }

    [Theory]
    [InlineData("bilinear")]
    [InlineData("bicubic")]
    public void Resizing_equals_the_reference(string mode)
    {
        foreach (string name in GoldenCase.In("layers").Where(c => c.StartsWith("interpolate_" + mode, StringComparison.Ordinal)))
        {
            using GoldenCase golden = GoldenCase.Open("layers/" + name);
            JsonElement a = golden.Arguments;
            golden.CheckOperation((tape, input) =>
            [
                ("y", tape.Resize(
                    input("x"), a.GetProperty("size")[0].GetInt32(), a.GetProperty("size")[1].GetInt32(),
                    mode == "bicubic" ? Interpolation.Cubic : Interpolation.Linear, a.GetProperty("antialias").GetBoolean())),
            ]);
        }
    }

    [Fact]
    public void Gradients_of_resizing_are_right()
    {
        GradientCheck.Run((tape, x) => tape.Resize(x[0], 5, 2, Interpolation.Cubic), [2, 3, 4]);
        GradientCheck.Run((tape, x) => tape.Resize(x[0], 2, 7, Interpolation.Linear, antialias: true), [2, 5, 4]);
        Assert.Throws<ArgumentException>(() => new Tape().Resize(Tensor.Zeros([3]), 2, 2, Interpolation.Linear));
        Assert.Throws<ArgumentException>(() => new Tape().Resize(Tensor.Zeros([3, 3]), 0, 2, Interpolation.Linear));
    }

    [Fact]
    public void Resizing_to_the_same_size_changes_nothing()
    {
        Tensor x = GradientCheck.Normal([1, 4, 5], 2);
        foreach (bool antialias in new[] { false, true })
            Naive.Expect(x.Shape, x.ToArray().Select(v => (double)v), tape => tape.Resize(x, 4, 5, Interpolation.Cubic, antialias));
    }
}
