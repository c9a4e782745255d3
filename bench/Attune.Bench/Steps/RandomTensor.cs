using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Bench.Steps;

/// <summary>Inputs that stand for real ones.</summary>
internal static class RandomTensor
{
    /// <summary>Numbers of a normal distribution.</summary>
    public static Tensor Normal(Shape shape) => Filled(shape, (random, i) => random.Normal(i));

    /// <summary>Zeros and ones.</summary>
    public static Tensor Bits(Shape shape) => Filled(shape, (random, i) => random.Below(i, 2));

    private static Tensor Filled(Shape shape, Func<RandomStream, int, float> value)
    {
        var random = new RandomStream(1);
        Tensor tensor = Tensor.Zeros(shape);
        for (int i = 0; i < tensor.Span.Length; i++)
            tensor.Span[i] = value(random, i);
        return tensor;
    }
}
