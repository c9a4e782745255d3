namespace Attune.Objectives;

/// <summary>Which of ELECTRA's two models is trained, and on what (Clark et al. 2020, arXiv:2003.10555, section 3.3 and appendix F).</summary>
public enum ReplacedTokenVariant
{
    /// <summary>Both at once: the generator predicts hidden tokens, the model finds those it made up.</summary>
    Joint,

    /// <summary>The generator learns from the model's losses, by policy gradients: to make up tokens that are not found.</summary>
    Adversarial,

    /// <summary>The generator alone: the first of two stages.</summary>
    Generator,

    /// <summary>The model alone, with a generator that stays as it is: the second of two stages.</summary>
    Discriminator,
}

/// <summary>How ELECTRA hides tokens, and what its two losses weigh.</summary>
/// <param name="MaskId">The mask token.</param>
public sealed record ReplacedTokenOptions(int MaskId)
{
    /// <summary>Which of the two models is trained, and on what.</summary>
    public ReplacedTokenVariant Variant { get; init; }

    /// <summary>The share of the tokens of a text, special ones counted, that are predicted.</summary>
    public double Probability { get; init; } = 0.15;

    /// <summary>The most of a text; null is the published number for its length, a little more than the share.</summary>
    public int? MaxPredictions { get; init; }

    /// <summary>The share of these that are hidden by the mask token; the others stay and are predicted all the same.</summary>
    public double MaskShare { get; init; } = 0.85;

    /// <summary>What the detection's loss weighs against the generator's.</summary>
    public double DetectionWeight { get; init; } = 50;

    /// <summary>How many tokens of a text are drawn.</summary>
    public int Count(int length) =>
        Math.Max(1, Math.Min(MaxPredictions ?? (int)((Probability + 0.005) * length), (int)Math.Round(length * Probability, MidpointRounding.ToEven)));
}
