using System.Text.Json;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Tests.Training;

public sealed class OptimizerTests
{
    [Theory]
    [InlineData("adamw")]
    [InlineData("adam")]
    [InlineData("lamb")]
    [InlineData("sgd_momentum")]
    [InlineData("adafactor_fixed")]
    [InlineData("adafactor_relative")]
    [InlineData("adafactor_relative_warmup")]
    public void Every_update_is_that_of_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("optim/" + name);
        JsonElement args = golden.Arguments;
        var set = new ParameterSet([.. golden.Names("input.param.").Select(n => (n, golden.Tensor("input.param." + n)))]);
        var optimizer = new Optimizer(Rule(golden.Description.GetProperty("op").GetString()!, args), ParameterGroup.Uniform(set, args.GetProperty("weight_decay").GetDouble()));
        JsonElement rates = golden.Description.GetProperty("lrs"), rate = args.GetProperty("lr");
        int steps = golden.Description.GetProperty("steps").GetInt32();
        for (int step = 1; step <= steps; step++)
        {
            optimizer.ClearGradients();
            foreach ((string parameter, Parameter value) in set.Parameters())
                GiveGradient(value, golden.Tensor($"input.grad.{step}.{parameter}"));
            optimizer.Step(rates.ValueKind == JsonValueKind.Array ? rates[step - 1].GetDouble() : rate.ValueKind == JsonValueKind.Number ? rate.GetDouble() : 0);
            foreach ((string parameter, Parameter value) in set.Parameters())
                golden.Check("output", $"output.param.{step}.{parameter}", value.Value);
        }
    }

    [Theory]
    [InlineData("clip_grad_norm")]
    [InlineData("clip_grad_norm_inactive")]
    public void The_norm_of_all_gradients_is_that_of_the_reference(string name)
    {
        using GoldenCase golden = GoldenCase.Open("optim/" + name);
        var set = new ParameterSet([.. golden.Names("input.grad.").Select(n => (n, Tensor.Zeros(golden.Tensor("input.grad." + n).Shape)))]);
        var optimizer = new Optimizer(new Sgd { Momentum = 0 }, ParameterGroup.Uniform(set, 0));
        foreach ((string parameter, Parameter value) in set.Parameters())
            GiveGradient(value, golden.Tensor("input.grad." + parameter));
        double norm = optimizer.GradientLength();
        golden.Check("output", "output.total_norm", Tensor.From(Shape.Of(), [(float)norm]));
        // Plain descent from zero with rate 1 leaves the clipped gradient, negated.
        optimizer.Step(1, Attune.Tensors.Kernels.GradientNorm.ClipScale(norm, golden.Arguments.GetProperty("max_norm").GetDouble()));
        foreach ((string parameter, Parameter value) in set.Parameters())
            golden.Check("output", "output.grad." + parameter, Tensor.From(value.Shape, [.. value.Value.ToArray().Select(v => -v)]));
    }

    // Figures of PyTorch 1.13: gradients 3, -1, 0.5 of one number that begins at 1, rate 0.1.
    [Theory]
    [InlineData("amsgrad", 0.9, 0.863472, 0.830441)]
    [InlineData("dampened", 0.7, 0.515, 0.35625)]
    public void A_variant_moves_as_in_PyTorch(string name, double first, double second, double third)
    {
        IUpdateRule rule = name == "amsgrad" ? new AdamW { Beta2 = 0.5, Amsgrad = true } : new Sgd { Momentum = 0.75, Dampening = 0.6 };
        var set = new ParameterSet([("x", Tensor.From([1], [1]))]);
        var optimizer = new Optimizer(rule, ParameterGroup.Uniform(set, 0));
        foreach ((float gradient, double expected) in new[] { (3f, first), (-1f, second), (0.5f, third) })
        {
            optimizer.ClearGradients();
            GiveGradient(set.Parameters().Single().Parameter, Tensor.From([1], [gradient]));
            optimizer.Step(0.1);
            Assert.Equal(expected, set.Parameters().Single().Parameter.Value.ToArray()[0], 1e-5);
        }
    }

    [Fact]
    public void A_parameter_without_a_gradient_does_not_move_and_does_not_count()
    {
        var set = new ParameterSet([("a", Tensor.From([2], [1, 2])), ("b", Tensor.From([2], [3, 4]))]);
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(set, 0.1));
        GiveGradient(set.Parameters().First().Parameter, Tensor.From([2], [1, 1]));
        optimizer.Step(0.1);
        Assert.Equal([3f, 4f], set.Parameters().Last().Parameter.Value.ToArray());
        Assert.Equal("a", Assert.Single(optimizer.State).Path);
        Assert.Equal(2 * 2 * sizeof(float), optimizer.StateBytes);
    }

    [Fact]
    public void A_frozen_parameter_does_not_move_even_if_an_old_gradient_is_left()
    {
        var set = new ParameterSet([("a", Tensor.From([1], [1]))]);
        Parameter parameter = set.Parameters().Single().Parameter;
        GiveGradient(parameter, Tensor.From([1], [1]));
        parameter.Trainable = false;
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(set, 0.1));
        optimizer.Step(0.1);
        Assert.Equal(0, optimizer.GradientLength());
        Assert.Equal([1f], parameter.Value.ToArray());
    }

    [Fact]
    public void Matrices_decay_and_biases_and_norms_do_not_unless_a_pattern_says_so()
    {
        Attune.Nn.Contracts.Model model = ToyModel.Make();
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.ByRole(
            model, 0.1, [new GroupOverride("backbone.table", RateScale: 0.5), new GroupOverride("*.bias", WeightDecay: 0.3)]);
        Dictionary<string, (double, double)> settings = groups
            .SelectMany(g => g.Parameters.Select(p => (p.Path, (g.WeightDecay, g.RateScale)))).ToDictionary(p => p.Path, p => p.Item2);
        Assert.Equal((0.1, 0.5), settings["backbone.table"]);
        Assert.Equal((0.0, 1.0), settings["backbone.norm.weight"]);
        Assert.Equal((0.3, 1.0), settings["masked-lm.bias"]);
        Assert.Equal((0.1, 1.0), settings["masked-lm.unused"]);
        Assert.Throws<ArgumentException>(() => ParameterGroup.ByRole(model, 0.1, [new GroupOverride("nothing.*", 0)]));
    }

    private static unsafe void GiveGradient(Parameter parameter, Tensor gradient) =>
        gradient.Span.CopyTo(new Span<float>(parameter.Value.Gradient!.Target(out _), (int)gradient.Count));

    private static IUpdateRule Rule(string op, JsonElement args)
    {
        double Beta(int i) => args.GetProperty("betas")[i].GetDouble();
        double Number(string name) => args.GetProperty(name).GetDouble();
        bool Flag(string name) => args.GetProperty(name).GetBoolean();
        return op switch
        {
            "adamw" => new AdamW { Beta1 = Beta(0), Beta2 = Beta(1), Epsilon = Number("eps") },
            "adam" => new Adam { Beta1 = Beta(0), Beta2 = Beta(1), Epsilon = Number("eps") },
            "lamb" => new Lamb { Beta1 = Beta(0), Beta2 = Beta(1), Epsilon = Number("eps") },
            "sgd" => new Sgd { Momentum = Number("momentum"), Nesterov = Flag("nesterov") },
            "adafactor" => new Adafactor
            {
                Epsilon = args.GetProperty("eps")[0].GetDouble(),
                LeastScale = args.GetProperty("eps")[1].GetDouble(),
                ClipThreshold = Number("clip_threshold"),
                DecayRate = Number("decay_rate"),
                ScaleByParameter = Flag("scale_parameter"),
                RelativeStep = Flag("relative_step"),
                WarmupInit = Flag("warmup_init"),
            },
            _ => throw new InvalidOperationException($"Unknown optimizer {op}."),
        };
    }

    private sealed class ParameterSet : Module
    {
        public ParameterSet(IReadOnlyList<(string Name, Tensor Start)> parameters)
        {
            foreach ((string name, Tensor start) in parameters)
            {
                Parameter parameter = Own(name, start.Shape, Initializer.Zeros, ParameterRole.Weight);
                parameter.Use(start);
                parameter.Trainable = true;
            }
        }
    }
}
