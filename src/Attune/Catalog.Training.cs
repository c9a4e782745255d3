using Attune.Nn.Parameters;
using Attune.Recipes;
using Attune.Training.Optimizers;
using Attune.Training.Policies;
using Attune.Training.Schedules;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The optimizers.</summary>
    public static CatalogAxis<OptimizerEntry> Optimizers { get; } = new("optimizer", entry => entry.Name,
    [
        new("adamw", "Adam with weight decay apart from the gradient", s => new AdamW
        {
            Beta1 = Number(s, "beta1", 0.9, 1), Beta2 = Number(s, "beta2", 0.999, 1), Epsilon = Number(s, "epsilon", 1e-8, 1),
            Amsgrad = s?.Flag("amsgrad", false) ?? false,
        }),
        new("adam", "Adam with weight decay in the gradient", s => new Adam
        {
            Beta1 = Number(s, "beta1", 0.9, 1), Beta2 = Number(s, "beta2", 0.999, 1), Epsilon = Number(s, "epsilon", 1e-8, 1),
            Amsgrad = s?.Flag("amsgrad", false) ?? false,
        }),
        new("sgd", "gradient descent with momentum", s => new Sgd
        {
            Momentum = Number(s, "momentum", 0.9, 1), Dampening = Number(s, "dampening", 0, 1), Nesterov = s?.Flag("nesterov", false) ?? false,
        }),
        new("lamb", "Adam scaled by layer, for very large batches", s => new Lamb
        {
            Beta1 = Number(s, "beta1", 0.9, 1), Beta2 = Number(s, "beta2", 0.999, 1), Epsilon = Number(s, "epsilon", 1e-6, 1),
        }),
        new("adafactor", "second moments as rows and columns, for little memory", s => new Adafactor
        {
            ClipThreshold = Number(s, "clip_threshold", 1, double.MaxValue),
            DecayRate = s?.Number("decay_rate", -0.8, -1, 0) ?? -0.8,
            ScaleByParameter = s?.Flag("scale_by_parameter", true) ?? true,
            RelativeStep = s?.Flag("relative_step", false) ?? false,
            WarmupInit = s?.Flag("warmup_init", false) ?? false,
        }),
    ]);

    /// <summary>The learning rate schedules.</summary>
    public static CatalogAxis<ScheduleEntry> Schedules { get; } = new("schedule", entry => entry.Name,
    [
        new("constant", "the same rate after the warm-up", c => new ConstantSchedule(c.PeakRate, c.WarmupSteps)),
        new("linear", "a straight line to 0", c => new LinearSchedule(c.PeakRate, c.WarmupSteps, c.TotalSteps)),
        new("cosine", "a half cosine to a floor", c => new CosineSchedule(c.PeakRate, c.WarmupSteps, c.TotalSteps)
        {
            FloorRate = Number(c.Settings, "floor_rate", 0, c.PeakRate),
        }),
        new("cosine-restarts", "several half cosines", c => new CosineRestartsSchedule(
            c.PeakRate, c.WarmupSteps, c.TotalSteps, c.Settings?.Count("cycles", 1) ?? 1)),
        new("polynomial", "a power of the time that is left", c => new PolynomialSchedule(
            c.PeakRate, c.WarmupSteps, c.TotalSteps, Number(c.Settings, "final_rate", 1e-7, c.PeakRate), Number(c.Settings, "power", 1, 100))),
        new("inverse-sqrt", "the inverse square root of the step", c => new InverseSquareRootSchedule(
            c.PeakRate, c.WarmupSteps, c.Settings?.WholeOrNull("timescale"))),
        new("noam", "the first Transformer's, from the model's width", c => new NoamSchedule(
            c.Width, Math.Max(1, c.WarmupSteps), Number(c.Settings, "factor", 1, double.MaxValue))),
    ]);

    /// <summary>The policies of what is trained and what stays as it was.</summary>
    public static CatalogAxis<PolicyEntry> Policies { get; } = new("policy", entry => entry.Name,
    [
        new("everything", "every parameter", _ => new TrainEverything()),
        new("heads", "the heads alone", _ => new TrainHeads()),
        new("frozen-transformer", "new input and output layers, norms and positions (frozen pretrained transformers)", s => new FrozenTransformer
        {
            FreezesBody = !Flag(s, "body", false),
            FreezesInput = !Flag(s, "input", true),
            FreezesOutput = !Flag(s, "output", true),
            FreezesNorms = !Flag(s, "norms", true),
            FreezesPositions = !Flag(s, "positions", true),
            FreezesFeedForwards = !Flag(s, "feed_forwards", false),
            FreezesAttention = !Flag(s, "attention", false),
        }),
        new("kinds", "the heads, and some kinds of the body's parameters", s => new TrainRoles(Roles(s))),
    ]);

    private static bool Flag(RecipeFields? settings, string key, bool fallback) => settings?.Flag(key, fallback) ?? fallback;

    private static IReadOnlyList<ParameterRole> Roles(RecipeFields? settings)
    {
        List<ParameterRole> roles = [];
        foreach (string kind in settings?.TextsOrNull("kinds") ?? ["norms", "positions"])
        {
            roles.AddRange(kind switch
            {
                "norms" => [ParameterRole.NormScale, ParameterRole.NormShift],
                "positions" => [ParameterRole.Position],
                "embeddings" => [ParameterRole.Embedding],
                "biases" => [ParameterRole.Bias],
                "weights" => (ParameterRole[])[ParameterRole.Weight, ParameterRole.Scale],
                _ => throw settings!.Wrong("kinds", $"'{kind}'", "norms, positions, embeddings, biases or weights"),
            });
        }
        return roles;
    }

    private static double Number(RecipeFields? settings, string key, double fallback, double maximum) =>
        settings?.Number(key, fallback, 0, maximum) ?? fallback;
}

/// <summary>An optimizer in the catalog.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What it does, in one line.</param>
/// <param name="Make">Makes its rule from what the recipe says about it (null: nothing).</param>
public sealed record OptimizerEntry(string Name, string Summary, Func<RecipeFields?, IUpdateRule> Make);

/// <summary>A policy of what is trained in the catalog.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What is trained, in one line.</param>
/// <param name="Make">Makes it from what the recipe says about it (null: nothing).</param>
public sealed record PolicyEntry(string Name, string Summary, Func<RecipeFields?, IFreezePolicy> Make);

/// <summary>A schedule in the catalog.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">How the rate falls, in one line.</param>
/// <param name="Make">Makes one.</param>
public sealed record ScheduleEntry(string Name, string Summary, Func<ScheduleContext, ISchedule> Make);

/// <summary>What a schedule is made for.</summary>
/// <param name="PeakRate">The highest rate.</param>
/// <param name="WarmupSteps">The updates over which the rate rises from 0.</param>
/// <param name="TotalSteps">The updates of the run.</param>
/// <param name="Width">The width of the model.</param>
/// <param name="Settings">What the recipe says about it; null if nothing.</param>
public sealed record ScheduleContext(double PeakRate, long WarmupSteps, long TotalSteps, int Width, RecipeFields? Settings = null);
