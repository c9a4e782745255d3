using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class ShapingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Parts_of_a_split_join_to_the_whole(int axis)
    {
        Tensor x = GradientCheck.Normal([6, 6, 6], 1);
        Naive.Expect(x.Shape, x.ToArray().Select(v => (double)v), tape => tape.Concat(axis, tape.Split(x, axis, 1, 0, 3, 2)));
        GradientCheck.Run((tape, i) => tape.Concat(axis, i[0], i[1], i[0]), Sized(axis, 2), Sized(axis, 3));
        GradientCheck.Run((tape, i) => tape.Multiply(tape.Split(i[0], axis, 2, 1, 2)[0], tape.Split(i[0], axis, 1, 2, 2)[1]), Sized(axis, 5));
    }

    [Fact]
    public void Slices_take_what_lies_between()
    {
        Tensor x = GradientCheck.Normal([3, 5, 7], 2);
        Naive.Expect(
            [3, 2, 7], Naive.Positions([3, 2, 7]).Select(p => (double)x.Span[(p[0] * 5 + p[1] + 3) * 7 + p[2]]), tape => tape.Slice(x, 1, 3, 2));
        GradientCheck.Run((tape, i) => tape.Slice(i[0], 1, 1, 2), [2, 5, 3]);
        GradientCheck.Run((tape, i) => tape.Multiply(tape.Slice(i[0], -1, 0, 2), tape.Slice(i[0], -1, 1, 2)), [2, 3]);
        Assert.Throws<ArgumentException>(() => new Tape().Slice(x, 1, 4, 2));
        Assert.Throws<ArgumentException>(() => new Tape().Slice(x, 3, 0, 1));
        Assert.Throws<ArgumentException>(() => new Tape().Split(x, 1, 4, 2));
        Assert.Throws<ArgumentException>(() => new Tape().Split(x, 1, 6, -1));
    }

    [Fact]
    public void Padding_surrounds()
    {
        Tensor x = Tensor.From([2, 2], [1, 2, 3, 4]);
        Naive.Expect([2, 5], [9, 1, 2, 9, 9, 9, 3, 4, 9, 9], tape => tape.Pad(x, 1, 1, 2, 9));
        Naive.Expect([3, 2], [0, 0, 1, 2, 3, 4], tape => tape.Pad(x, 0, 1, 0));
        GradientCheck.Run((tape, i) => tape.Pad(i[0], 1, 2, 1, 0.5f), [2, 3, 2]);
        Assert.Throws<ArgumentException>(() => new Tape().Pad(x, 0, -1, 0));
    }

    [Fact]
    public void Stacking_makes_an_axis()
    {
        Tensor a = Tensor.From([2], [1, 2]), b = Tensor.From([2], [3, 4]);
        Naive.Expect([2, 2], [1, 2, 3, 4], tape => tape.Stack(0, a, b));
        Naive.Expect([2, 2], [1, 3, 2, 4], tape => tape.Stack(-1, a, b));
        GradientCheck.Run((tape, i) => tape.Stack(1, i[0], i[1]), [2, 3], [2, 3]);
        Assert.Throws<ArgumentException>(() => new Tape().Stack(0, a, Tensor.Zeros([3])));
        Assert.Throws<ArgumentException>(() => new Tape().Stack(0));
        Assert.Throws<ArgumentException>(() => new Tape().Concat(0));
        Assert.Throws<ArgumentException>(() => new Tape().Concat(0, Tensor.Zeros([2, 3]), Tensor.Zeros([2, 4])));
    }

    [Property(MaxTest = 80)]
    public void Any_permutation_moves_every_element(uint seed)
    {
        var random = new RandomStream(seed);
        int rank = 1 + random.Below(0, 5);
        int[] extents = new int[rank], axes = new int[rank];
        long[] keys = new long[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            extents[axis] = 1 + random.Below(10 + axis, rank < 3 ? 70 : 6);
            axes[axis] = axis;
            keys[axis] = random.Bits(100 + axis);
        }
        Array.Sort(keys, axes);
        Tensor x = GradientCheck.Normal(Shape.Of(extents), 3);
        Shape permuted = Shape.Of([.. axes.Select(a => extents[a])]);
        Naive.Expect(
            permuted,
            Naive.Positions(permuted).Select(p =>
            {
                int[] source = new int[rank];
                for (int axis = 0; axis < rank; axis++)
                    source[axes[axis]] = p[axis];
                return (double)x.Span[(int)Naive.Broadcast(x.Shape, source)];
            }),
            tape => tape.Permute(x, axes));
    }

    [Fact]
    public void Permuted_gradients_go_back()
    {
        GradientCheck.Run((tape, i) => tape.Permute(i[0], 2, 0, 1), [3, 4, 5]);
        GradientCheck.Run((tape, i) => tape.Multiply(tape.Transpose(i[0]), tape.Transpose(i[0])), [3, 4]);
        GradientCheck.Run((tape, i) => tape.Transpose(i[0], 0, 1), [2, 3, 4]);
        Assert.Throws<ArgumentException>(() => new Tape().Permute(Tensor.Zeros([2, 3]), 0, 0));
        Assert.Throws<ArgumentException>(() => new Tape().Permute(Tensor.Zeros([2, 3]), 0));
        Assert.Throws<ArgumentException>(() => new Tape().Transpose(Tensor.Zeros([2, 3]), 0, 2));
    }

    [Fact]
    public void Expansion_repeats()
    {
        Tensor x = Tensor.From([2, 1], [1, 2]);
        Naive.Expect([2, 2, 3], [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], tape => tape.Expand(x, [2, 2, 3]));
        GradientCheck.Run((tape, i) => tape.Expand(i[0], [2, 3, 4, 5]), [3, 1, 5]);
        GradientCheck.Run((tape, i) => tape.Expand(i[0], [3, 4]), Shape.Of());
        Assert.Throws<ArgumentException>(() => new Tape().Expand(Tensor.Zeros([2, 3]), [2, 1]));
    }

    [Fact]
    public void Rows_are_picked_and_put_back()
    {
        Tensor x = Tensor.From([3, 2], [1, 2, 3, 4, 5, 6]);
        int[] ids = [2, 0, 2];
        Naive.Expect([3, 2], [5, 6, 1, 2, 5, 6], tape => tape.GatherRows(x, ids));
        Naive.Expect([4, 2], [3, 4, 0, 0, 6, 8, 0, 0], tape => tape.ScatterAddRows(x, ids, 4));
        GradientCheck.Run((tape, i) => tape.GatherRows(i[0], ids), [3, 2, 5]);
        GradientCheck.Run((tape, i) => tape.ScatterAddRows(i[0], ids, 4), [3, 19]);
        Assert.Throws<ArgumentException>(() => new Tape().GatherRows(x, new[] { 3 }));
        Assert.Throws<ArgumentException>(() => new Tape().GatherRows(x, new[] { -1 }));
        Assert.Throws<ArgumentException>(() => new Tape().ScatterAddRows(x, new[] { 0 }, 4));
        Assert.Throws<ArgumentException>(() => new Tape().GatherRows(Tensor.Zeros([]), ids));
    }

    private static Shape Sized(int axis, int extent)
    {
        int[] extents = [2, 3, 2];
        extents[axis < 0 ? axis + 3 : axis] = extent;
        return Shape.Of(extents);
    }
}
