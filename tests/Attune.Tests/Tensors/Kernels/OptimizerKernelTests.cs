using System.Text.Json;
using Attune.Tensors;
using Attune.Tensors.Kernels;
using Xunit;

namespace Attune.Tests.Tensors.Kernels;

public sealed unsafe class OptimizerKernelTests
{
    private delegate void Update(Parameter parameter, int step, JsonElement arguments);

    public static TheoryData<string> Cases => [.. GoldenCase.In("optim").Where(c => !c.StartsWith("clip", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_equal_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("optim/" + name);
        Update update = golden.Description.GetProperty("op").GetString() switch
        {
            "adam" => (p, step, a) => Adam(p, step, a, decoupled: false),
            "adamw" => (p, step, a) => Adam(p, step, a, decoupled: true),
            "sgd" => Momentum,
            "lamb" => Lamb,
            "adafactor" => Adafactor,
            string other => throw new InvalidOperationException($"Unknown optimizer {other}."),
            null => throw new InvalidOperationException("The case names no optimizer."),
        };
        int steps = golden.Description.GetProperty("steps").GetInt32();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            foreach (string parameterName in golden.Names("input.param."))
            {
                var parameter = new Parameter(golden.Tensor("input.param." + parameterName));
                for (int step = 1; step <= steps; step++)
                {
                    parameter.Gradient = golden.Tensor($"input.grad.{step}.{parameterName}");
                    update(parameter, step, golden.Arguments);
                    golden.Check("output", $"output.param.{step}.{parameterName}", parameter.Value);
                }
            }
        }
    }

    [Theory]
    [InlineData("clip_grad_norm")]
    [InlineData("clip_grad_norm_inactive")]
    public void Clipping_equals_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("optim/" + name);
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            var gradients = golden.Names("input.grad.").ToDictionary(n => n, n => golden.Tensor("input.grad." + n));
            double norm = Math.Sqrt(gradients.Values.Sum(g => GradientNorm.SumOfSquares(g.Pointer, g.Count)));
            golden.Check("output", "output.total_norm", Tensor.From([], [(float)norm]));
            float scale = GradientNorm.ClipScale(norm, golden.Arguments.GetProperty("max_norm").GetDouble());
            foreach ((string gradient, Tensor value) in gradients)
            {
                GradientNorm.Scale(value.Pointer, value.Count, scale);
                golden.Check("output", "output.grad." + gradient, value);
            }
        }
    }

    [Fact]
    public void A_scaled_gradient_is_the_same_as_scaling_inside_the_step()
    {
        Tensor gradient = GradientCheck.Normal([7, 33], 1), half = GradientCheck.Normal([7, 33], 1);
        GradientNorm.Scale(half.Pointer, half.Count, 0.5f);
        foreach (Action<Parameter, float> step in new Action<Parameter, float>[]
        {
            (p, s) => new AdamStep { Rate = 0.1, Step = 1, Decay = 0.1, GradientScale = s }.Run(p.X, p.G, p.M, p.V, p.Count),
            (p, s) => new MomentumStep { Rate = 0.1, Momentum = 0.9, Nesterov = true, GradientScale = s }.Run(p.X, p.G, p.M, p.Count),
            (p, s) => new LambStep { Rate = 0.1, Step = 1, Decay = 0.1, GradientScale = s }.Run(p.X, p.G, p.M, p.V, p.Count),
            (p, s) => new AdafactorStep { Rate = 0.1, Step = 2, GradientScale = s, Beta1 = 0.5 }.Run(p.X, p.G, p.Count, p.V, p.M),
            (p, s) => new AdafactorStep { Rate = 0.1, Step = 2, GradientScale = s }.RunFactored(p.X, p.G, 1, 7, 33, p.Rows, p.Columns, null),
        })
        {
            var inside = new Parameter(GradientCheck.Normal([7, 33], 2)) { Gradient = gradient };
            var outside = new Parameter(GradientCheck.Normal([7, 33], 2)) { Gradient = half };
            step(inside, 0.5f);
            step(outside, 1);
            Assert.Equal(outside.Value.ToArray(), inside.Value.ToArray());
            Assert.NotEqual(GradientCheck.Normal([7, 33], 2).ToArray(), inside.Value.ToArray());
        }
    }

    [Fact]
    public void Large_parameters_step_as_small_ones_do()
    {
        // More elements than fit in one piece: the pieces' borders and their partial sums are walked.
        Shape shape = [300, 417];
        var random = GradientCheck.Normal(shape, 3);
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            var parameter = new Parameter(GradientCheck.Normal(shape, 4)) { Gradient = random };
            double[] x = [.. parameter.Value.ToArray().Select(v => (double)v)], g = [.. random.ToArray().Select(v => (double)v)];
            new LambStep { Rate = 0.1, Step = 1, Decay = 0.1 }.Run(parameter.X, parameter.G, parameter.M, parameter.V, parameter.Count);
            double[] u = [.. g.Zip(x, (gi, xi) => gi / (Math.Abs(gi) + 1e-6) + 0.1 * xi)];
            double ratio = Math.Sqrt(x.Sum(v => v * v) / u.Sum(v => v * v));
            Near(x.Zip(u, (xi, ui) => xi - 0.1 * ratio * ui), parameter.Value);

            var factored = new Parameter(GradientCheck.Normal(shape, 4)) { Gradient = random };
            new AdafactorStep { Rate = 0.1, Step = 1, ScaleByParameter = true }.RunFactored(
                factored.X, factored.G, 1, 300, 417, factored.Rows, factored.Columns, null);
            double[] rows = [.. Enumerable.Range(0, 300).Select(r => Enumerable.Range(0, 417).Average(c => g[r * 417 + c] * g[r * 417 + c]))];
            double[] columns = [.. Enumerable.Range(0, 417).Select(c => Enumerable.Range(0, 300).Average(r => g[r * 417 + c] * g[r * 417 + c]))];
            double mean = rows.Average();
            double[] d = [.. g.Select((gi, i) => gi / Math.Sqrt(rows[i / 417] * columns[i % 417] / mean))];
            double size = Math.Sqrt(d.Average(v => v * v)), scale = 0.1 * Math.Sqrt(x.Average(v => v * v));
            Near(x.Zip(d, (xi, di) => xi - scale * di / Math.Max(1, size)), factored.Value);
        }
    }

    private static void Near(IEnumerable<double> expected, Tensor found)
    {
        foreach ((double e, float f) in expected.Zip(found.ToArray()))
            Assert.True(Math.Abs(e - f) < 1e-4, $"{f} is not {e} on {Isa.Current}.");
    }

    private static void Adam(Parameter p, int step, JsonElement a, bool decoupled) => new AdamStep
    {
        Rate = a.GetProperty("lr").GetDouble(),
        Beta1 = a.GetProperty("betas")[0].GetDouble(),
        Beta2 = a.GetProperty("betas")[1].GetDouble(),
        Epsilon = a.GetProperty("eps").GetDouble(),
        Decay = a.GetProperty("weight_decay").GetDouble(),
        Decoupled = decoupled,
        Step = step,
    }.Run(p.X, p.G, p.M, p.V, p.Count);

    private static void Momentum(Parameter p, int step, JsonElement a) => new MomentumStep
    {
        Rate = a.GetProperty("lr").GetDouble(),
        Momentum = a.GetProperty("momentum").GetDouble(),
        Decay = a.GetProperty("weight_decay").GetDouble(),
        Nesterov = a.GetProperty("nesterov").GetBoolean(),
        First = step == 1,
    }.Run(p.X, p.G, p.M, p.Count);

    private static void Lamb(Parameter p, int step, JsonElement a) => new LambStep
    {
        Rate = a.GetProperty("lr").GetDouble(),
        Beta1 = a.GetProperty("betas")[0].GetDouble(),
        Beta2 = a.GetProperty("betas")[1].GetDouble(),
        Epsilon = a.GetProperty("eps").GetDouble(),
        Decay = a.GetProperty("weight_decay").GetDouble(),
        Step = step,
    }.Run(p.X, p.G, p.M, p.V, p.Count);

    private static void Adafactor(Parameter p, int step, JsonElement a)
    {
        var settings = new AdafactorStep
        {
            Rate = a.GetProperty("relative_step").GetBoolean()
                ? AdafactorStep.RelativeRate(step, a.GetProperty("warmup_init").GetBoolean())
                : a.GetProperty("lr").GetDouble(),
            Step = step,
            Epsilon = a.GetProperty("eps")[0].GetDouble(),
            LeastScale = a.GetProperty("eps")[1].GetDouble(),
            ScaleByParameter = a.GetProperty("scale_parameter").GetBoolean(),
            ClipThreshold = a.GetProperty("clip_threshold").GetDouble(),
            DecayRate = a.GetProperty("decay_rate").GetDouble(),
            Beta1 = a.GetProperty("beta1").ValueKind == JsonValueKind.Null ? null : a.GetProperty("beta1").GetDouble(),
            Decay = a.GetProperty("weight_decay").GetDouble(),
        };
        if (p.Value.Shape.Rank < 2)
            settings.Run(p.X, p.G, p.Count, p.V, p.M);
        else
            settings.RunFactored(p.X, p.G, 1, p.Value.Shape[-2], p.Value.Shape[-1], p.Rows, p.Columns, settings.Beta1 is null ? null : p.M);
    }

    private sealed class Parameter(Tensor value)
    {
        private readonly Tensor _m = Tensor.Zeros(value.Shape);
        private readonly Tensor _v = Tensor.Zeros(value.Shape);
        private readonly Tensor _rows = Tensor.Zeros([value.Shape.Rank < 2 ? 0 : value.Shape[-2]]);
        private readonly Tensor _columns = Tensor.Zeros([value.Shape[-1]]);

        public Tensor Value { get; } = value;

        public Tensor Gradient { get; set; } = value;

        public long Count => Value.Count;

        public float* X => Value.Pointer;

        public float* G => Gradient.Pointer;

        public float* M => _m.Pointer;

        public float* V => _v.Pointer;

        public float* Rows => _rows.Pointer;

        public float* Columns => _columns.Pointer;
    }
}
