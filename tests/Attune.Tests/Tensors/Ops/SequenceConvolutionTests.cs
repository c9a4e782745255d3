using System.Text.Json;
using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tests.Architecture;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class SequenceConvolutionTests
{
    public static TheoryData<string> Lightweight => [.. GoldenCase.In("lightconv").Where(c => c.StartsWith("conv_", StringComparison.Ordinal))];

    public static TheoryData<string> Dynamic => [.. GoldenCase.In("dynamicconv").Where(c => c.StartsWith("conv_", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Lightweight))]
    public void Lightweight_convolutions_equal_the_reference(string name) => Check("lightconv/" + name, (tape, model, x, segments, window, config) =>
    {
        Tensor kernel = model["weight"].Reshape([config.GetProperty("num_heads").GetInt32(), window.Taps]);
        if (config.GetProperty("weight_softmax").GetBoolean())
            kernel = tape.TapSoftmax(kernel, Segments.FromLengths(kernel.Shape[0]), window);
        return tape.SequenceConvolution(x, kernel, model.GetValueOrDefault("bias"), segments, window);
    });

    [Theory]
    [MemberData(nameof(Dynamic))]
    public void Dynamic_convolutions_equal_the_reference(string name) => Check("dynamicconv/" + name, (tape, model, x, segments, window, config) =>
    {
        bool together = config.GetProperty("in_proj").GetBoolean();
        Tensor source = model.TryGetValue("query", out Tensor? query) ? query : x;
        Tensor kernels = tape.MatMul(source, model["weight_linear.weight"], transposeB: true);
        if (model.TryGetValue("weight_linear.bias", out Tensor? bias))
            kernels = tape.Add(kernels, bias);
        if (together)
        {
            Tensor[] parts = tape.Split(kernels, 1, x.Shape.Width, kernels.Shape.Width - x.Shape.Width);
            (x, kernels) = (parts[0], parts[1]);
        }
        TapSelection selection = config.GetProperty("renorm_padding").GetBoolean() ? TapSelection.InsideSequence
            : config.GetProperty("path").GetString() == "unfolded" ? TapSelection.CutToLength
            : TapSelection.All;
        if (config.GetProperty("weight_softmax").GetBoolean())
            kernels = tape.TapSoftmax(kernels, segments, window, selection);
        Tensor y = tape.DynamicConvolution(x, kernels, segments, window);
        return model.TryGetValue("conv_bias", out Tensor? output) ? tape.Add(y, output) : y;
    });

    [Property(MaxTest = 30)]
    public void Any_window_over_any_segments_equals_the_definition(uint seed)
    {
        var random = new Attune.Tensors.Random.RandomStream(seed);
        int taps = 1 + random.Below(0, 17), dilation = 1 + random.Below(1, 3), left = random.Below(2, taps);
        int heads = 1 + random.Below(3, 4), channels = heads * (1 + random.Below(4, 24));
        int[] lengths = [random.Below(5, 150), random.Below(6, 4), 1 + random.Below(7, 40), random.Below(8, 20)];
        var window = new ConvolutionWindow(taps, left, dilation);
        Segments segments = Segments.FromLengths(lengths);
        Tensor x = GradientCheck.Normal([segments.Rows, channels], 1), bias = GradientCheck.Normal([channels], 2);
        Tensor kernel = GradientCheck.Normal([heads, taps], 3), kernels = GradientCheck.Normal([segments.Rows, heads * taps], 4);
        double[] fixedSum = new double[x.Count], dynamicSum = new double[x.Count];
        float[] values = x.ToArray(), shared = kernel.ToArray(), predicted = kernels.ToArray(), shifts = bias.ToArray();
        for (int s = 0; s < segments.Count; s++)
        {
            for (int i = segments.Start(s); i < segments.Start(s + 1); i++)
            {
                for (int c = 0; c < channels; c++)
                {
                    int head = c * heads / channels;
                    fixedSum[i * channels + c] = shifts[c];
                    for (int j = 0; j < taps; j++)
                    {
                        int other = i + (j - left) * dilation;
                        if (other < segments.Start(s) || other >= segments.Start(s + 1))
                            continue;
                        double value = values[other * channels + c];
                        fixedSum[i * channels + c] += shared[head * taps + j] * value;
                        dynamicSum[i * channels + c] += predicted[(i * heads + head) * taps + j] * value;
                    }
                }
            }
        }
        Naive.Expect(x.Shape, fixedSum, tape => tape.SequenceConvolution(x, kernel, bias, segments, window));
        Naive.Expect(x.Shape, dynamicSum, tape => tape.DynamicConvolution(x, kernels, segments, window));
    }

    [Theory]
    [InlineData(3, 2, 1, 3)]
    [InlineData(4, 2, 1, 6)]
    [InlineData(9, 4, 2, 2)]
    [InlineData(10, 9, 1, 1)]
    public void Gradients_are_right(int taps, int left, int dilation, int heads)
    {
        var window = new ConvolutionWindow(taps, left, dilation);
        Segments segments = Segments.FromLengths(5, 1, 0, 3);
        GradientCheck.Run(
            (tape, x) => tape.SequenceConvolution(x[0], x[1], x[2], segments, window), [9, 6], [heads, taps], [6]);
        GradientCheck.Run((tape, x) => tape.DynamicConvolution(x[0], x[1], segments, window), [9, 6], [9, heads * taps]);
        foreach (TapSelection selection in Enum.GetValues<TapSelection>())
            GradientCheck.Run((tape, x) => tape.TapSoftmax(x[0], segments, window, selection), [9, 2 * taps]);
    }

    [Fact]
    public void Long_gradients_are_right_over_many_tiles()
    {
        // More rows than a tile and more channels than a block: the gradient of a sum of squares against one computed in double.
        var window = new ConvolutionWindow(5, 2);
        Segments segments = Segments.FromLengths(150, 7, 230);
        Tensor x = GradientCheck.Normal([387, 41], 1), kernel = GradientCheck.Normal([41, 5], 2);
        double[] expected = new double[kernel.Count];
        for (int s = 0; s < segments.Count; s++)
        {
            for (int i = segments.Start(s); i < segments.Start(s + 1); i++)
            {
                for (int c = 0; c < 41; c++)
                {
                    double y = 0;
                    for (int j = 0; j < 5; j++)
                        y += At(i + j - 2, c, s) * kernel.Span[c * 5 + j];
                    for (int j = 0; j < 5; j++)
                        expected[c * 5 + j] += 2 * y * At(i + j - 2, c, s);
                }
            }
        }
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            kernel.ClearGradient();
            x.ClearGradient();
            tape.Begin(recording: true);
            tape.Backward(tape.Sum(tape.Square(tape.SequenceConvolution(x, kernel, null, segments, window))));
            foreach ((double e, float f) in expected.Zip(kernel.Grad!.ToArray()))
                Assert.True(Math.Abs(e - f) < 1e-4 * expected.Max(Math.Abs), $"{set}: {f} is not {e}.");
        }

        double At(int row, int channel, int segment) =>
            row < segments.Start(segment) || row >= segments.Start(segment + 1) ? 0 : x.Span[row * 41 + channel];
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var tape = new Tape();
        Segments segments = Segments.FromLengths(3);
        Tensor x = Tensor.Zeros([3, 6]);
        var window = ConvolutionWindow.Causal(3);
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([4, 3]), null, segments, window));
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([2, 4]), null, segments, window));
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([2, 3]), Tensor.Zeros([2]), segments, window));
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([2, 3]), null, Segments.FromLengths(4), window));
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([2, 3]), null, segments, new ConvolutionWindow(3, 3)));
        Assert.Throws<ArgumentException>(() => tape.SequenceConvolution(x, Tensor.Zeros([2, 3]), null, segments, new ConvolutionWindow(3, 1, 0)));
        Assert.Throws<ArgumentException>(() => tape.DynamicConvolution(x, Tensor.Zeros([3, 12]), segments, window));
        Assert.Throws<ArgumentException>(() => tape.DynamicConvolution(x, Tensor.Zeros([3, 5]), segments, window));
        Assert.Throws<ArgumentException>(() => tape.TapSoftmax(Tensor.Zeros([2, 6]), segments, window));
    }

    private delegate Tensor Module(
        Tape tape, Dictionary<string, Tensor> model, Tensor x, Segments segments, ConvolutionWindow window, JsonElement config);

    private static void Check(string name, Module module)
    {
        using GoldenCase golden = GoldenCase.Open(name);
        string folder = Path.Combine(Repository.Root, "tests", "Goldens", name);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        JsonElement root = config.RootElement;
        int taps = root.GetProperty("kernel_size").GetInt32();
        var window = new ConvolutionWindow(taps, root.GetProperty("padding_left").GetInt32());
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            tape.Begin(recording: true);
            var model = weights.Tensors.ToDictionary(
                t => t.Name, t => Tensor.From(Shape.Of(t.Shape.AsSpan()), t.ToFloat32(), requiresGradient: true));
            Tensor x = golden.Tensor("input.x"), target = golden.Tensor("input.target").Detach();
            // The cases are laid out [time, batch, channel]; here sequences are contiguous.
            int length = x.Shape[0], batch = x.Shape[1];
            Segments segments = Segments.Equal(batch, length);
            if (golden.Has("input.query"))
                model["query"] = BatchFirst(golden.Tensor("input.query"));
            Tensor rows = module(tape, model, BatchFirst(x), segments, window, root);
            Tensor y = tape.Transpose(rows.Reshape([batch, length, rows.Shape.Width]), 0, 1);
            golden.Check("output", "output.y", y);
            Tensor loss = tape.MeanSquaredError(y, target);
            golden.Check("output", "output.loss", loss);
            tape.Backward(loss);
            golden.Check("grad", "output.grad_input.x", x.Grad);
            foreach (string parameter in golden.Names("grad."))
                golden.Check("grad", "grad." + parameter, model[parameter].Grad);

            Tensor BatchFirst(Tensor t) => tape.Transpose(t, 0, 1).Reshape([batch * length, t.Shape[2]]);
        }
    }
}
