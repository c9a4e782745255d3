using System.Text.Json;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class ConvolutionTests
{
    public static TheoryData<string> Signals => [.. GoldenCase.In("layers").Where(c => c.StartsWith("conv1d", StringComparison.Ordinal))];

    public static TheoryData<string> Images => [.. GoldenCase.In("layers").Where(c => c.StartsWith("conv2d", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Signals))]
    public void Convolutions_of_signals_equal_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        JsonElement a = golden.Arguments;
        int groups = a.GetProperty("groups").GetInt32();
        golden.CheckOperation((tape, input) =>
        {
            var window = new SlidingWindow(
                input("weight").Shape[2], a.GetProperty("stride").GetInt32(), a.GetProperty("padding").GetInt32(), a.GetProperty("dilation").GetInt32());
            return [("y", tape.Conv1d(input("x"), input("weight"), input("bias"), window, groups))];
        });
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Convolutions_of_images_equal_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        int groups = golden.Arguments.GetProperty("groups").GetInt32();
        golden.CheckOperation((tape, input) =>
        {
            Shape weight = input("weight").Shape;
            return [("y", tape.Conv2d(input("x"), input("weight"), input("bias"), Window(weight, 0), Window(weight, 1), groups))];
        });

        SlidingWindow Window(Shape weight, int axis) => new(
            weight[2 + axis], Setting("stride", axis), Setting("padding", axis), Setting("dilation", axis));

        int Setting(string setting, int axis) => golden.Arguments.GetProperty(setting)[axis].GetInt32();
    }

    [Fact]
    public void Patches_times_a_matrix_are_a_convolution()
    {
        using GoldenCase golden = GoldenCase.Open("layers/conv2d_patch");
        golden.CheckOperation((tape, input) =>
        {
            Tensor weight = input("weight");
            Tensor tokens = tape.MatMul(tape.Patches(input("x"), 4, 4), weight.Reshape([8, 64]), transposeB: true);
            return [("y", tape.Permute(tape.Add(tokens, input("bias")).Reshape([2, 2, 2, 8]), 0, 3, 1, 2))];
        });
    }

    [Fact]
    public void Gradients_are_right()
    {
        GradientCheck.Run(
            (tape, x) => tape.Conv2d(x[0], x[1], x[2], new(2, 2, 1), new(3, 1, 0, 2), 2), [2, 4, 3, 7], [2, 2, 2, 3], [2]);
        GradientCheck.Run((tape, x) => tape.Conv2d(x[0], x[1], null, new(1), new(1)), [2, 3, 2, 3], [4, 3, 1, 1]);
        GradientCheck.Run((tape, x) => tape.Conv1d(x[0], x[1], x[2], new(3, 2, 2)), [2, 3, 7], [4, 3, 3], [4]);
        GradientCheck.Run((tape, x) => tape.Patches(x[0], 2, 3), [1, 2, 5, 7]);
    }

    [Fact]
    public void A_measuring_tape_counts_multiply_adds()
    {
        var tape = new Tape();
        tape.BeginMeasuring();
        Tensor y = tape.Conv2d(Tensor.WithoutMemory([2, 4, 8, 8]), Tensor.WithoutMemory([6, 2, 3, 3]), null, new(3, 1, 1), new(3, 2, 1), 2);
        Assert.Equal([2, 6, 8, 4], y.Shape.ToArray());
        Assert.Equal(2 * 6 * 8 * 4 * (2 * 3 * 3), tape.MultiplyAdds);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var tape = new Tape();
        Tensor x = Tensor.Zeros([1, 4, 5, 5]), weight = Tensor.Zeros([2, 4, 3, 3]);
        Assert.Throws<ArgumentException>(() => tape.Conv2d(x, weight, null, new(3), new(2)));
        Assert.Throws<ArgumentException>(() => tape.Conv2d(x, weight, null, new(3), new(3), 2));
        Assert.Throws<ArgumentException>(() => tape.Conv2d(x, weight, Tensor.Zeros([3]), new(3), new(3)));
        Assert.Throws<ArgumentException>(() => tape.Conv2d(x, weight, null, new(3, 0), new(3)));
        Assert.Throws<ArgumentException>(() => tape.Conv2d(x, weight, null, new(3, 1, 0, 3), new(3)));
        Assert.Throws<ArgumentException>(() => tape.Conv1d(x, weight, null, new(3)));
        Assert.Throws<ArgumentException>(() => tape.Patches(x, 6, 2));
    }
}
