using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Bench.Steps;

/// <summary>Inputs that stand for real ones.</summary>
internal static class RandomTensor
{
    /// <summary>Numbers of a normal distribution.</summary>
    public static Tensor Normal(Shape shape, bool trainable = false) => Filled(shape, trainable, (random, i) => random.Normal(i));

    /// <summary>Zeros and ones.</summary>
    public static Tensor Bits(Shape shape) => Filled(shape, trainable: false, (random, i) => random.Below(i, 2));

    private static Tensor Filled(Shape shape, bool trainable, Func<RandomStream, int, float> value)
    {
        var random = new RandomStream(1);
        Tensor tensor = trainable ? Tensor.Trainable(shape) : Tensor.Zeros(shape);
        for (int i = 0; i < tensor.Span.Length; i++)
            tensor.Span[i] = value(random, i);
        return tensor;
    }
}
