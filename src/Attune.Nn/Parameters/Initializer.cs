using Attune.Tensors.Random;

namespace Attune.Nn.Parameters;

/// <summary>The value a parameter starts from, as a function of its random stream and the index of each element.</summary>
public abstract record Initializer
{
    /// <summary>All zeros.</summary>
    public static Initializer Zeros { get; } = new Constant(0);

    /// <summary>All ones.</summary>
    public static Initializer Ones { get; } = new Constant(1);

    /// <summary>One number everywhere.</summary>
    public static Initializer Filled(float number) => new Constant(number);

    /// <summary>Fills <paramref name="values"/>.</summary>
    public abstract void Fill(Span<float> values, RandomStream random);

    /// <summary>A normal distribution around zero (BERT: 0.02).</summary>
    public static Initializer Normal(float deviation) => new NormalDistribution(deviation);

    /// <summary>A uniform distribution over [-limit, limit).</summary>
    public static Initializer Uniform(float limit) => new UniformInitializer(limit);

    /// <summary>Glorot and Bengio 2010: uniform with limit sqrt(6 / (in + out)).</summary>
    public static Initializer Glorot(int inputs, int outputs, float gain = 1) =>
        new UniformInitializer(gain * MathF.Sqrt(6f / (inputs + outputs)));

    /// <summary>Normal, but the row of one index (the padding token) is zero.</summary>
    public static Initializer NormalExceptRow(float deviation, int row, int width) => new NormalExceptRowInitializer(deviation, row, width);

    /// <summary>Every element the same.</summary>
    /// <param name="Value">That element.</param>
    public sealed record Constant(float Value) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, RandomStream random) => values.Fill(Value);
    }

    /// <summary>A normal distribution around zero.</summary>
    /// <param name="Deviation">Its standard deviation.</param>
    public sealed record NormalDistribution(float Deviation) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, RandomStream random)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = Deviation * random.Normal(i);
        }
    }

    private sealed record UniformInitializer(float Limit) : Initializer
    {
        public override void Fill(Span<float> values, RandomStream random)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = Limit * (2 * random.Uniform(i) - 1);
        }
    }

    private sealed record NormalExceptRowInitializer(float Deviation, int Row, int Width) : Initializer
    {
        public override void Fill(Span<float> values, RandomStream random)
        {
            Normal(Deviation).Fill(values, random);
            values.Slice(Row * Width, Width).Clear();
        }
    }
}
