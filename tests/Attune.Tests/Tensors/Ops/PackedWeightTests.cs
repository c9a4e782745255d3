using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>Weights of models that only answer: packed, and then no longer kept as they were.</summary>
public sealed unsafe class PackedWeightTests
{
    public static TheoryData<Precision> Precisions => [.. Enum.GetValues<Precision>()];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Packed_weights_are_given_back_once_and_give_the_same_bits(Precision precision)
    {
        Tensor plain = Weight([40, 24]), x = Weight([3, 24]);
        int given = 0;
        Tensor backed = Tensor.Over(plain.Shape, plain.Pointer, plain, () => given++);
        float[] expected = Multiply(precision, x, plain);
        Assert.Equal(expected, Multiply(precision, x, backed));
        Assert.Equal(expected, Multiply(precision, x, backed));
        Assert.Equal(1, given);
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Deferred_weights_are_made_to_be_packed_and_when_they_are_read(Precision precision)
    {
        Tensor plain = Weight([40, 24]), x = Weight([3, 24]);
        int filled = 0;
        Tensor deferred = Tensor.Deferred(plain.Shape, target =>
        {
            filled++;
            plain.CopyTo(target);
        });
        float[] expected = Multiply(precision, x, plain);
        Assert.Equal(0, filled);
        Assert.Equal(expected, Multiply(precision, x, deferred));
        Assert.Equal(expected, Multiply(precision, x, deferred));
        Assert.Equal(1, filled);

        Assert.Equal(plain.ToArray(), deferred.ToArray());
        Assert.Equal(plain.ToArray(), deferred.Reshape([24, 40]).ToArray());
        Assert.Equal(2, filled);
    }

    [Fact]
    public void A_fixed_weight_under_another_shape_is_packed_once()
    {
        int given = 0;
        Tensor plain = Weight([40, 4, 6]), x = Weight([3, 24]);
        Tensor backed = Tensor.Over(plain.Shape, plain.Pointer, plain, () => given++);
        float[] first = Multiply(Precision.Float32, x, backed.Reshape([40, 24])), second = Multiply(Precision.Float32, x, backed.Reshape([40, 24]));
        Assert.Equal(first, second);
        Assert.Equal(1, given);
    }

    [Fact]
    public void Looking_up_many_rows_gives_back_a_table_that_is_packed()
    {
        int given = 0;
        Tensor plain = Weight([40, 24]), x = Weight([3, 24]);
        Tensor table = Tensor.Over(plain.Shape, plain.Pointer, plain, () => given++);
        int[] ids = [.. Enumerable.Range(0, 100).Select(i => i % 40)];
        var tape = new Tape { FixedWeights = true };
        float[] LookUp()
        {
            tape.Begin(recording: false);
            return tape.Embedding(table, ids).ToArray();
        }
        float[] before = LookUp();
        Assert.Equal(0, given);
        Multiply(Precision.Int8, x, table);
        Assert.Equal(before, LookUp());
        Assert.Equal(2, given);
    }

    private static float[] Multiply(Precision precision, Tensor x, Tensor weight)
    {
        var tape = new Tape { FixedWeights = true, Precision = precision };
        tape.Begin(recording: false);
        return tape.Linear(x, weight).ToArray();
    }

    private static Tensor Weight(Shape shape)
    {
        var random = new Random(3);
        return Tensor.From(shape, [.. Enumerable.Range(0, (int)shape.Count).Select(_ => random.NextSingle() - 0.5f)]);
    }
}
