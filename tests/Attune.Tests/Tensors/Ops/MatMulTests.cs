using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class MatMulTests
{
    public static readonly TheoryData<int[], int[], bool, bool> Products = new()
    {
        { [3, 5], [5, 7], false, false },
        { [5, 3], [5, 7], true, false },
        { [3, 5], [7, 5], false, true },
        { [5, 3], [7, 5], true, true },
        { [2, 3, 5], [2, 5, 4], false, false },
        { [2, 5, 3], [2, 4, 5], true, true },
        { [2, 2, 3, 5], [2, 2, 4, 5], false, true },
        { [2, 3, 5], [5, 4], false, false },
        { [5, 3], [2, 5, 4], true, false },
        { [1, 1], [1, 1], false, false },
        { [9, 17, 33], [9, 33, 19], false, false },
        { [9, 33, 17], [9, 19, 33], true, true },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void Products_and_their_gradients_are_right(int[] left, int[] right, bool transposeA, bool transposeB)
    {
        Tensor a = GradientCheck.Normal(Shape.Of(left), 1), b = GradientCheck.Normal(Shape.Of(right), 2);
        Shape shape = new Tape().MatMul(a, b, transposeA, transposeB).Shape;
        int depth = left[transposeA ? ^2 : ^1];
        Naive.Expect(
            shape,
            Naive.Positions(shape).Select(p => Enumerable.Range(0, depth).Sum(k =>
                (double)At(a, p[..^2], p[^2], k, transposeA) * At(b, p[..^2], k, p[^1], transposeB))),
            tape => tape.MatMul(a, b, transposeA, transposeB));
        if (a.Count < 1000)
            GradientCheck.Run((tape, x) => tape.MatMul(x[0], x[1], transposeA, transposeB), [a, b], 4e-3);

        static float At(Tensor t, int[] batch, int row, int column, bool transposed)
        {
            int[] last = transposed ? [column, row] : [row, column];
            return t.Span[(int)Naive.Broadcast(t.Shape, [.. batch, .. last])];
        }
    }

    [Theory]
    [InlineData(5, 7, 9)]
    [InlineData(40, 90, 80)]
    public void A_batch_has_the_gradients_of_its_products(int rows, int depth, int columns)
    {
        // Products of both sizes, those handed out whole and those shared by all workers, against the same products one by one.
        Tensor a = GradientCheck.Normal([3, rows, depth], 1), b = GradientCheck.Normal([3, columns, depth], 2);
        float[][] together = GradientCheck.Backward(new Tape(), (tape, x) => tape.MatMul(x[0], x[1], transposeB: true), [a, b]);
        float[][] alone = GradientCheck.Backward(
            new Tape(),
            (tape, x) => tape.Stack(0, [.. Enumerable.Range(0, 3).Select(i => tape.MatMul(
                tape.Slice(x[0], 0, i, 1).Reshape([rows, depth]), tape.Slice(x[1], 0, i, 1).Reshape([columns, depth]), transposeB: true))]),
            [a, b]);
        for (int i = 0; i < 2; i++)
        {
            foreach ((float t, float s) in together[i].Zip(alone[i]))
                Assert.Equal(s, t, 1e-3f);
        }
    }

    [Fact]
    public void Factors_that_do_not_fit_are_named()
    {
        var tape = new Tape();
        Assert.Throws<ArgumentException>(() => tape.MatMul(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3])));
        Assert.Throws<ArgumentException>(() => tape.MatMul(Tensor.Zeros([3]), Tensor.Zeros([3, 2])));
        Assert.Throws<ArgumentException>(() => tape.MatMul(Tensor.Zeros([2, 2, 3]), Tensor.Zeros([3, 3, 2])));
        Assert.Throws<ArgumentException>(() => tape.MatMul(Tensor.Zeros([2, 2, 3]), Tensor.Zeros([1, 2, 3, 2])));
    }

    [Fact]
    public void A_measuring_tape_counts_multiply_adds()
    {
        var tape = new Tape();
        tape.BeginMeasuring();
        tape.MatMul(Tensor.WithoutMemory([4, 3, 5]), Tensor.WithoutMemory([5, 7]));
        Assert.Equal(4 * 3 * 5 * 7, tape.MultiplyAdds);
    }
}
