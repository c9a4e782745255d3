using Attune.Formats;
using Attune.Training.Optimizers;

namespace Attune.Parity.Layouts;

/// <summary>The optimizers under the names and arguments that PyTorch and the transformers library give them.</summary>
/// <param name="Rule">How a parameter moves.</param>
/// <param name="Rate">The learning rate where it does not change.</param>
/// <param name="WeightDecay">The weight decay.</param>
/// <param name="Maximizes">Whether parameters move up along their gradients.</param>
internal sealed record ReferenceOptimizer(IUpdateRule Rule, double Rate, double WeightDecay, bool Maximizes)
{
    /// <summary>Makes an optimizer.</summary>
    /// <exception cref="UnknownCaseException">There is no optimizer of this name.</exception>
    public static ReferenceOptimizer Read(string name, JsonFields args)
    {
        IUpdateRule rule = name switch
        {
            "adamw" => new AdamW { Beta1 = Beta(args, 0), Beta2 = Beta(args, 1), Epsilon = args.Float("eps", 1e-8), Amsgrad = args.Bool("amsgrad", false) },
            "adam" => new Adam { Beta1 = Beta(args, 0), Beta2 = Beta(args, 1), Epsilon = args.Float("eps", 1e-8), Amsgrad = args.Bool("amsgrad", false) },
            "lamb" => new Lamb { Beta1 = Beta(args, 0), Beta2 = Beta(args, 1), Epsilon = args.Float("eps", 1e-6) },
            "sgd" => new Sgd { Momentum = args.Float("momentum", 0), Dampening = args.Float("dampening", 0), Nesterov = args.Bool("nesterov", false) },
            "adafactor" => ReadAdafactor(args),
            _ => throw new UnknownCaseException("optimizer", name),
        };
        return new ReferenceOptimizer(rule, args.Float("lr", 0), args.Float("weight_decay", 0), args.Bool("maximize", false));
    }

    private static double Beta(JsonFields args, int index) => args.FloatArrayOrNull("betas") switch
    {
        null => index == 0 ? 0.9 : 0.999,
        [var first, var second] => index == 0 ? first : second,
        _ => throw args.Error("betas", "two numbers"),
    };

    private static Adafactor ReadAdafactor(JsonFields args)
    {
        IReadOnlyList<double> epsilons = args.Raw("eps") is System.Text.Json.Nodes.JsonArray ? args.FloatArrayOrNull("eps")! : [1e-30, 1e-3];
        return new Adafactor
        {
            Epsilon = epsilons[0],
            LeastScale = epsilons[^1],
            ClipThreshold = args.Float("clip_threshold", 1),
            DecayRate = args.Float("decay_rate", -0.8),
            Beta1 = args.FloatOrNull("beta1"),
            ScaleByParameter = args.Bool("scale_parameter", true),
            RelativeStep = args.Bool("relative_step", false),
            WarmupInit = args.Bool("warmup_init", false),
        };
    }
}
