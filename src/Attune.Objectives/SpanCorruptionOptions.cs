using Attune.Nn.Contracts;

namespace Attune.Objectives;

/// <summary>How much span corruption hides, and the tokens that mark it.</summary>
/// <param name="FirstSentinelId">The first sentinel; the next ones have the ids below it.</param>
/// <param name="EosId">The token that ends source and target.</param>
public sealed record SpanCorruptionOptions(int FirstSentinelId, int EosId)
{
    /// <summary>The share of tokens that are hidden.</summary>
    public double Density { get; init; } = 0.15;

    /// <summary>The mean length of a hidden run.</summary>
    public double MeanLength { get; init; } = 3;

    /// <summary>What it was told.</summary>
    internal IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("first_sentinel", FirstSentinelId),
        Setting.Of("eos", EosId),
        Setting.Of("density", Density),
        Setting.Of("mean_length", MeanLength),
    ];

    /// <summary>How many tokens of a text are hidden, and in how many runs.</summary>
    public (int Noise, int Runs) Count(int length)
    {
        // The original counts in single precision, and treats a single token as two.
        int tokens = Math.Max(length, 2);
        int noise = Math.Clamp((int)MathF.Round(tokens * (float)Density, MidpointRounding.ToEven), 1, tokens - 1);
        int runs = Math.Max((int)MathF.Round(noise / (float)MeanLength, MidpointRounding.ToEven), 1);
        return (noise, Math.Min(runs, tokens - noise));
    }

    /// <summary>
    /// The longest text whose source fits into a length, and the length of its target, end tokens included, by the estimate that the original takes
    /// its lengths from: in double precision and with as few as no runs, unlike <see cref="Count"/>, so that a target may be longer by some tokens.
    /// </summary>
    public (int Tokens, int TargetLength) LengthsFor(int sourceLength)
    {
        int tokens = sourceLength - 1;
        while (Estimate(tokens + 1).Source <= sourceLength)
            tokens++;
        (int source, int target) = Estimate(tokens);
        // At half density rounding can make the target the longer one; the original then takes one token off both.
        return Density == 0.5 && target > source ? (tokens - 1, target - 1) : (tokens, target);
    }

    private (int Source, int Target) Estimate(int tokens)
    {
        int noise = (int)Math.Round(tokens * Density, MidpointRounding.ToEven);
        int runs = (int)Math.Round(noise / MeanLength, MidpointRounding.ToEven);
        return (tokens - noise + runs + 1, noise + runs + 1);
    }
}
