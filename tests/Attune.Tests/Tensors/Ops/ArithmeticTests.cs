using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class ArithmeticTests
{
    public static readonly TheoryData<int[], int[]> Shapes = new()
    {
        { [3, 5], [3, 5] },
        { [3, 17], [17] },
        { [17], [3, 17] },
        { [4, 1], [1, 19] },
        { [2, 3, 5], [2, 1, 5] },
        { [2, 1, 3, 1], [4, 1, 3] },
        { [], [7] },
        { [1, 1], [2, 2] },
        { [33], [1] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Broadcast_operations_equal_the_element_by_element_reference(int[] left, int[] right)
    {
        Tensor a = GradientCheck.Normal(Shape.Of(left), 1), b = GradientCheck.Normal(Shape.Of(right), 2);
        Compare(a, b, (x, y) => x + y, tape => tape.Add(a, b));
        Compare(a, b, (x, y) => x - y, tape => tape.Subtract(a, b));
        Compare(a, b, (x, y) => x * y, tape => tape.Multiply(a, b));
        Compare(a, b, (x, y) => x / y, tape => tape.Divide(a, b));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Broadcast_gradients_are_right(int[] left, int[] right)
    {
        Shape a = Shape.Of(left), b = Shape.Of(right);
        GradientCheck.Run((tape, x) => tape.Add(x[0], x[1]), a, b);
        GradientCheck.Run((tape, x) => tape.Subtract(x[0], x[1]), a, b);
        GradientCheck.Run((tape, x) => tape.Multiply(x[0], x[1]), a, b);
        GradientCheck.Run((tape, x) => tape.Divide(x[0], x[1]), [GradientCheck.Normal(a, 0), GradientCheck.Normal(b, 1, 0.2f, 2)]);
    }

    [Property(MaxTest = 60)]
    public void Any_shapes_that_fit_are_broadcast(uint seed)
    {
        var random = new Attune.Tensors.Random.RandomStream(seed);
        int rank = 1 + random.Below(0, 5);
        int[] left = new int[rank], right = new int[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            int extent = 1 + random.Below(10 + axis, 4);
            left[axis] = random.Below(20 + axis, 3) == 0 ? 1 : extent;
            right[axis] = random.Below(30 + axis, 3) == 0 ? 1 : extent;
        }
        Tensor a = GradientCheck.Normal(Shape.Of(left), 1), b = GradientCheck.Normal(Shape.Of(right.AsSpan(random.Below(40, rank))), 2);
        Compare(a, b, (x, y) => x - y, tape => tape.Subtract(a, b));
    }

    [Fact]
    public void An_operand_used_twice_gets_both_gradients() =>
        GradientCheck.Run((tape, x) => tape.Add(tape.Multiply(x[0], x[0]), tape.Multiply(x[0], x[1])), [3, 5], [5]);

    [Fact]
    public void Elementwise_functions_and_their_gradients_are_right()
    {
        Shape shape = [3, 19];
        Tensor any = GradientCheck.Normal(shape, 3);
        Tensor positive = Tensor.From(shape, [.. any.ToArray().Select(v => 0.5f + v * v)], requiresGradient: true);
        Check(positive, (tape, x) => tape.Sqrt(x), Math.Sqrt);
        Check(positive, (tape, x) => tape.Log(x), Math.Log);
        Check(positive, (tape, x) => tape.Pow(x, 1.7f), v => Math.Pow(v, 1.7));
        Check(positive, (tape, x) => tape.Pow(x, -0.5f), v => Math.Pow(v, -0.5));
        Check(any, (tape, x) => tape.Exp(x), Math.Exp);
        Check(any, (tape, x) => tape.Square(x), v => v * v);
        Check(any, (tape, x) => tape.Pow(x, 2), v => v * v);
        Check(any, (tape, x) => tape.Pow(x, 1), v => v);
        Check(any, (tape, x) => tape.Scale(x, -2.5f), v => -2.5 * v);
        Check(any, (tape, x) => tape.AddScalar(x, 0.75f), v => v + 0.75);
        Check(any, (tape, x) => tape.Negate(x), v => -v);
    }

    [Fact]
    public void Masks_choose()
    {
        Tensor mask = Tensor.From([2, 1, 3], [1, 0, 1, 0, 0, -2]);
        Tensor yes = GradientCheck.Normal([2, 5, 3], 4), no = GradientCheck.Normal([5, 1], 5);
        Naive.Expect(
            yes.Shape,
            Naive.Positions(yes.Shape).Select(p => mask.Span[(int)Naive.Broadcast(mask.Shape, p)] != 0
                ? (double)yes.Span[(int)Naive.Broadcast(yes.Shape, p)]
                : no.Span[(int)Naive.Broadcast(no.Shape, p)]),
            tape => tape.Where(mask, yes, no));
        GradientCheck.Run((tape, x) => tape.Where(mask, x[0], x[1]), [yes, no]);
        GradientCheck.Run((tape, x) => tape.MaskedFill(x[0], mask, -3), [2, 5, 3]);
        GradientCheck.Run((tape, x) => tape.Where(mask, x[0], x[1]), [2, 1, 1], [1, 5, 3]);
        Naive.Expect(
            yes.Shape,
            Naive.Positions(yes.Shape).Select(p => mask.Span[(int)Naive.Broadcast(mask.Shape, p)] != 0
                ? double.NegativeInfinity
                : yes.Span[(int)Naive.Broadcast(yes.Shape, p)]),
            tape => tape.MaskedFill(yes, mask, float.NegativeInfinity));
    }

    [Fact]
    public void What_a_mask_does_not_choose_has_no_influence()
    {
        Tensor mask = Tensor.From([2], [1, 0]);
        Tensor yes = Tensor.From([2], [1, float.NaN]), no = Tensor.From([2], [float.PositiveInfinity, 2]);
        Naive.Expect([2], [1, 2], tape => tape.Where(mask, yes, no));
    }

    [Fact]
    public void Gated_units_multiply_halves()
    {
        Tensor x = GradientCheck.Normal([3, 38], 6);
        Naive.Expect(
            [3, 19],
            Naive.Positions([3, 19]).Select(p => x.Span[p[0] * 38 + p[1]] / (1 + Math.Exp(-x.Span[p[0] * 38 + 19 + p[1]]))),
            tape => tape.Glu(x));
        GradientCheck.Run((tape, i) => tape.Glu(i[0]), [3, 38]);
    }

    [Fact]
    public void Gated_units_equal_the_reference()
    {
        using GoldenCase golden = GoldenCase.Open("layers/glu");
        golden.CheckOperation((tape, input) => [("y", tape.Glu(input("x")))]);
    }

    [Fact]
    public void Unit_rows_have_length_one()
    {
        Tensor x = GradientCheck.Normal([3, 21], 7);
        Naive.Expect(
            x.Shape,
            Naive.Positions(x.Shape).Select(p => x.Span[p[0] * 21 + p[1]] / Math.Sqrt(x.ToArray().Skip(p[0] * 21).Take(21).Sum(v => (double)v * v))),
            tape => tape.Normalize(x));
        GradientCheck.Run((tape, i) => tape.Normalize(i[0]), [3, 21]);
        GradientCheck.Run((tape, i) => tape.Normalize(i[0], epsilon: 100), [3, 5]);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var tape = new Tape();
        ArgumentException error = Assert.Throws<ArgumentException>(() => tape.Add(Tensor.Zeros([2, 3]), Tensor.Zeros([4])));
        Assert.Contains("Add: the shapes [2, 3] and [4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => tape.MaskedFill(Tensor.Zeros([3]), Tensor.Zeros([2, 3]), 0));
        Assert.Throws<ArgumentException>(() => tape.Glu(Tensor.Zeros([2, 3])));
        Assert.Throws<ArgumentException>(() => tape.Glu(Tensor.Zeros([])));
    }

    private static void Check(Tensor x, Func<Tape, Tensor, Tensor> operation, Func<double, double> reference)
    {
        Naive.Expect(x.Shape, x.ToArray().Select(v => reference(v)), tape => operation(tape, x));
        GradientCheck.Run((tape, inputs) => operation(tape, inputs[0]), [x]);
    }

    private static void Compare(Tensor a, Tensor b, Func<double, double, double> reference, Func<Tape, Tensor> operation)
    {
        Shape shape = ShapeRules.Broadcast("test", a.Shape, b.Shape);
        Naive.Expect(
            shape,
            Naive.Positions(shape).Select(p => reference(a.Span[(int)Naive.Broadcast(a.Shape, p)], b.Span[(int)Naive.Broadcast(b.Shape, p)])),
            operation);
    }
}
