using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class LstmTests
{
    [Theory]
    [InlineData("lstm_2layer", false)]
    [InlineData("lstm_2layer_bidirectional", true)]
    public void Stacked_layers_equal_the_reference(string name, bool bidirectional)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        golden.CheckOperation((tape, input) =>
        {
            Tensor x = input("x");
            int length = x.Shape[0], batch = x.Shape[1], directions = bidirectional ? 2 : 1;
            Segments segments = Segments.Equal(batch, length);
            Tensor rows = tape.Transpose(x, 0, 1).Reshape([batch * length, x.Shape[2]]);
            List<Tensor> hidden = [], cells = [];
            for (int layer = 0; layer < 2; layer++)
            {
                List<Tensor> outputs = [];
                for (int direction = 0; direction < directions; direction++)
                {
                    string suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                    var weights = new LstmWeights(
                        input("weight_ih" + suffix), input("weight_hh" + suffix), input("bias_ih" + suffix), input("bias_hh" + suffix));
                    int row = layer * directions + direction;
                    LstmResult result = tape.Lstm(rows, weights, segments, First("h0", row), First("c0", row), direction == 1);
                    outputs.Add(result.Output);
                    hidden.Add(result.Hidden);
                    cells.Add(result.Cell);
                }
                rows = tape.Concat(1, [.. outputs]);

                Tensor First(string state, int row) => tape.Slice(input(state), 0, row, 1).Reshape([batch, 6]);
            }
            Tensor y = tape.Transpose(rows.Reshape([batch, length, rows.Shape.Width]), 0, 1);
            return [("y", y), ("hn", tape.Stack(0, [.. hidden])), ("cn", tape.Stack(0, [.. cells]))];
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_over_ragged_sequences_are_right(bool reverse)
    {
        Segments segments = Segments.FromLengths(2, 4, 0, 1);
        GradientCheck.Run(
            (tape, x) =>
            {
                LstmResult result = tape.Lstm(x[0], new LstmWeights(x[1], x[2], x[3], x[4]), segments, x[5], x[6], reverse);
                return tape.Concat(0, result.Output, result.Hidden, result.Cell);
            },
            [7, 3], [12, 3], [12, 3], [12], [12], [4, 3], [4, 3]);
        GradientCheck.Run((tape, x) => tape.Lstm(x[0], new LstmWeights(x[1], x[2]), segments, reverse: reverse).Hidden, [7, 2], [12, 2], [12, 3]);
    }

    [Fact]
    public void A_sequence_does_not_see_its_neighbours()
    {
        Tensor x = GradientCheck.Normal([9, 5], 1);
        var weights = new LstmWeights(GradientCheck.Normal([24, 5], 2), GradientCheck.Normal([24, 6], 3));
        var tape = new Tape();
        tape.Begin(recording: false);
        float[] together = tape.Lstm(x, weights, Segments.FromLengths(2, 7)).Output.ToArray();
        float[] alone = tape.Lstm(x.DetachedRows(2, 7), weights, Segments.FromLengths(7)).Output.ToArray();
        foreach ((float a, float b) in together[12..].Zip(alone))
            Assert.Equal(b, a, 1e-5f);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var tape = new Tape();
        Segments segments = Segments.FromLengths(3);
        Tensor x = Tensor.Zeros([3, 2]);
        var weights = new LstmWeights(Tensor.Zeros([8, 2]), Tensor.Zeros([8, 2]));
        Assert.Throws<ArgumentException>(() => tape.Lstm(Tensor.Zeros([4, 2]), weights, segments));
        Assert.Throws<ArgumentException>(() => tape.Lstm(x, weights with { Input = Tensor.Zeros([8, 3]) }, segments));
        Assert.Throws<ArgumentException>(() => tape.Lstm(x, weights with { Hidden = Tensor.Zeros([6, 2]) }, segments));
        Assert.Throws<ArgumentException>(() => tape.Lstm(x, weights with { InputBias = Tensor.Zeros([4]) }, segments));
        Assert.Throws<ArgumentException>(() => tape.Lstm(x, weights, segments, hidden: Tensor.Zeros([2, 2])));
    }
}
