using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Tensors;

/// <summary>
/// Compares hand-written backward passes with central differences of the forward pass (summed in double precision), on every
/// instruction set of the machine. Also: gradients accumulate, every input upstream gets a finite one, and a frozen input gets none
/// without changing the others'.
/// </summary>
internal static class GradientCheck
{
    private const float Step = 1f / 128;

    /// <summary>An operation over trainable inputs.</summary>
    public delegate Tensor Operation(Tape tape, Tensor[] inputs);

    /// <summary>Checks the gradients of standard normal inputs of the given shapes.</summary>
    public static void Run(Operation operation, params ReadOnlySpan<Shape> shapes)
    {
        var inputs = new Tensor[shapes.Length];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = Normal(shapes[i], (uint)i);
        Run(operation, inputs);
    }

    /// <summary>Checks the gradients of given inputs, which must be trainable.</summary>
    /// <param name="operation">What is differentiated; called many times, so it must be a function of its inputs.</param>
    /// <param name="inputs">Every element of these is varied.</param>
    /// <param name="tolerance">Relative to the largest derivative of an input (or 1, if that is smaller).</param>
    /// <param name="training">Whether dropout is active; every pass drops the same elements.</param>
    public static void Run(Operation operation, Tensor[] inputs, double tolerance = 2e-3, bool training = false)
    {
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using (Isa.Force(set))
                Check(tape, operation, inputs, tolerance, training, set.ToString());
        }
    }

    /// <summary>A trainable tensor of standard normal numbers.</summary>
    public static Tensor Normal(Shape shape, uint stream, float scale = 1, float shift = 0)
    {
        var random = new RandomStream(20_26, stream);
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = shift + scale * random.Normal(i);
        return Tensor.From(shape, values, requiresGradient: true);
    }

    /// <summary>A trainable tensor of the numbers 0.5, 1.5, ... in a random order: no two are near each other, none is near zero.</summary>
    public static Tensor Distinct(Shape shape, uint stream)
    {
        var random = new RandomStream(20_26, stream);
        float[] values = new float[shape.Count];
        long[] keys = new long[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i - values.Length / 2 + 0.5f;
            keys[i] = random.Bits(i);
        }
        Array.Sort(keys, values);
        return Tensor.From(shape, values, requiresGradient: true);
    }

    private static void Check(Tape tape, Operation operation, Tensor[] inputs, double tolerance, bool training, string what)
    {
        float[][] analytic = Backward(tape, operation, inputs, training);
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] numeric = Differences(tape, operation, inputs, inputs[i], training);
            double bound = tolerance * Math.Max(1, numeric.Length == 0 ? 0 : numeric.Max(Math.Abs));
            for (int e = 0; e < numeric.Length; e++)
            {
                Assert.True(
                    Math.Abs(analytic[i][e] - numeric[e]) <= bound,
                    $"{what}: input {i} {inputs[i].Shape}, element {e}: backward gives {analytic[i][e]}, differences give {numeric[e]}.");
            }
        }

        // A second backward pass on top of the first must double every gradient.
        float[][] twice = Backward(tape, operation, inputs, training, clear: false);
        for (int i = 0; i < inputs.Length; i++)
            Near([.. analytic[i].Select(g => 2 * g)], twice[i], $"{what}: input {i}, second backward pass");

        for (int alone = 0; alone < inputs.Length && inputs.Length > 1; alone++)
        {
            for (int i = 0; i < inputs.Length; i++)
                inputs[i].SetRequiresGradient(i == alone);
            float[][] gradients = Backward(tape, operation, inputs, training);
            for (int i = 0; i < inputs.Length; i++)
                Near(i == alone ? analytic[i] : [], gradients[i], $"{what}: input {i}, all but {alone} frozen");
        }
        foreach (Tensor input in inputs)
            input.SetRequiresGradient(true);
    }

    /// <summary>The gradients of the weighted sum of the operation's result; empty for inputs that got none.</summary>
    public static float[][] Backward(Tape tape, Operation operation, Tensor[] inputs, bool training = false, bool clear = true)
    {
        if (clear)
        {
            foreach (Tensor input in inputs)
                input.ClearGradient();
        }
        tape.Begin(recording: true, training, new RandomStream(7));
        Tensor output = operation(tape, inputs);
        tape.Backward(tape.Sum(tape.Multiply(output, Weights(output.Shape))));
        float[][] gradients = new float[inputs.Length][];
        for (int i = 0; i < inputs.Length; i++)
        {
            gradients[i] = inputs[i].Grad?.ToArray() ?? [];
            Assert.Equal(inputs[i].RequiresGradient ? inputs[i].Count : 0, gradients[i].Length);
            Assert.All(gradients[i], g => Assert.True(float.IsFinite(g), $"The gradient of input {i} is not finite."));
        }
        return gradients;
    }

    // The order in which contributions are added may differ, so the last bits may.
    private static void Near(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        float bound = 1e-5f * (expected.Length == 0 ? 0 : Math.Max(1, expected.Max(Math.Abs)));
        for (int e = 0; e < expected.Length; e++)
            Assert.True(Math.Abs(expected[e] - actual[e]) <= bound, $"{what}: element {e} is {actual[e]}, expected {expected[e]}.");
    }

    private static double[] Differences(Tape tape, Operation operation, Tensor[] inputs, Tensor varied, bool training)
    {
        double[] differences = new double[varied.Count];
        for (int e = 0; e < differences.Length; e++)
        {
            float before = varied.Span[e];
            float up = before + Step, down = before - Step;
            varied.Span[e] = up;
            double above = Value(tape, operation, inputs, training);
            varied.Span[e] = down;
            double below = Value(tape, operation, inputs, training);
            varied.Span[e] = before;
            differences[e] = (above - below) / ((double)up - down);
        }
        return differences;
    }

    private static double Value(Tape tape, Operation operation, Tensor[] inputs, bool training)
    {
        tape.Begin(recording: false, training, new RandomStream(7));
        Tensor output = operation(tape, inputs);
        float[] weights = Weights(output.Shape).ToArray();
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            sum += (double)weights[i] * output.Span[i];
        return sum;
    }

    private static Tensor Weights(Shape shape) => Normal(shape, 999).Detach();
}
