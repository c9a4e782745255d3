using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Parity.Layouts;
using Attune.Training.Optimizers;

namespace Attune.Parity.Models;

/// <summary>The optimizer steps of a case, as the field <c>train</c> describes them.</summary>
internal sealed class GoldenTraining
{
    private readonly Optimizer _optimizer;
    private readonly double _rate;
    private readonly double? _clipping;

    private GoldenTraining(Optimizer optimizer, int steps, double rate, double? clipping)
    {
        _optimizer = optimizer;
        _rate = rate;
        _clipping = clipping;
        Steps = steps;
    }

    /// <summary>The number of steps, all on the same batch.</summary>
    public int Steps { get; }

    /// <summary>Makes the optimizer for a model.</summary>
    /// <exception cref="UnknownCaseException">The optimizer is not known.</exception>
    public static GoldenTraining Read(JsonFields golden, Model model)
    {
        JsonFields train = golden.Child("train");
        const string ClippingMark = "_clip";
        string name = train.String("optimizer");
        double? clipping = null;
        if (name.IndexOf(ClippingMark, StringComparison.Ordinal) is > 0 and var mark)
        {
            clipping = double.Parse(name.AsSpan(mark + ClippingMark.Length), System.Globalization.CultureInfo.InvariantCulture);
            name = name[..mark];
        }
        ReferenceOptimizer rule = ReferenceOptimizer.Read(name, train);
        if (rule.Rule is Adafactor adafactor && new JsonFields(model.Config, "config.json").ChildOrNull("adafactor") is { } own)
            rule = rule with { Rule = Configured(adafactor, own) };
        var optimizer = new Optimizer(rule.Rule, ParameterGroup.Uniform(model, rule.WeightDecay));
        return new GoldenTraining(optimizer, train.Size("steps"), rule.Rate, clipping);
    }

    // A library without optimizers of its own has the settings beside the model's.
    private static Adafactor Configured(Adafactor rule, JsonFields own)
    {
        const string decay = "1 - t^-0.8, t from 1";
        if (own.String("decay", decay) != decay)
            throw own.Error("decay", decay);
        if (own.Float("beta1", 0) != 0)
            throw own.Error("beta1", "0");
        return rule with
        {
            LeastFactoredSize = own.Size("min_dim_size_to_factor", 1),
            ScaleByParameter = own.Bool("multiply_by_parameter_scale", rule.ScaleByParameter),
            ClipThreshold = own.Float("clip_threshold", rule.ClipThreshold),
            Epsilon = own.Float("eps1", rule.Epsilon),
            LeastScale = own.Float("eps2", rule.LeastScale),
        };
    }

    /// <summary>Moves the parameters along their gradients and forgets those.</summary>
    public void Step()
    {
        float scale = _clipping is null ? 1 : Optimizer.ClipScale(_optimizer.GradientLength(), _clipping.Value);
        _optimizer.Step(_rate, scale);
        _optimizer.ClearGradients();
    }
}
