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

    /// <summary>The longest text whose source fits into a length, and the length of its target, end tokens included.</summary>
    public (int Tokens, int TargetLength) LengthsFor(int sourceLength)
    {
        int tokens = sourceLength;
        while (Lengths(tokens + 1).Source <= sourceLength)
            tokens++;
        int target = Lengths(tokens).Target;
        // At half density rounding can make the target the longer one; the original then takes one token off both.
        return Density == 0.5 && target > sourceLength ? (tokens - 1, target - 1) : (tokens, target);
    }

    private (int Source, int Target) Lengths(int tokens)
    {
        (int noise, int runs) = Count(tokens);
        return (tokens - noise + runs + 1, noise + runs + 1);
    }
}
