namespace Attune.Inference.Generation;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens to add.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Whether tokens are drawn at random; otherwise the likeliest is taken each time.</summary>
    public bool Sample { get; init; }

    /// <summary>The seed of the draws: the same seed, prompt and settings give the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>Divides the scores when sampling; see <see cref="Generation.Temperature"/>.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps only the likeliest tokens when sampling; null keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keeps only the likeliest tokens up to this probability when sampling; null keeps all.</summary>
    public float? TopP { get; init; }

    /// <summary>Removes tokens less likely than this share of the likeliest when sampling; null keeps all.</summary>
    public float? MinP { get; init; }

    /// <summary>Keeps typical tokens up to this probability when sampling; null keeps all.</summary>
    public float? TypicalP { get; init; }

    /// <summary>Makes tokens that have occurred less likely; 1 does not.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Forbids runs of so many tokens to occur twice; null does not.</summary>
    public int? NoRepeatNgram { get; init; }

    /// <summary>The least number of tokens, the prompt included.</summary>
    public int MinLength { get; init; }

    /// <summary>The tokens that end the text; null takes those of the model's configuration, or the tokenizer's.</summary>
    public IReadOnlyList<int>? EndIds { get; init; }

    /// <summary>Texts at which the continuation ends; they are not part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether keys and values of earlier tokens are kept; without, every step reads the whole text again.</summary>
    public bool UseCache { get; init; } = true;

    /// <summary>The processors that these settings stand for, in the order in which they apply.</summary>
    /// <param name="endIds">The tokens that end a text.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public IReadOnlyList<ILogitsProcessor> Processors(IReadOnlyList<int> endIds)
    {
        Require(MaxNewTokens >= 1, nameof(MaxNewTokens), "at least 1");
        List<ILogitsProcessor> processors = [];
        if (RepetitionPenalty != 1)
            processors.Add(new RepetitionPenalty(Require(RepetitionPenalty > 0, nameof(RepetitionPenalty), "above 0", RepetitionPenalty)));
        if (NoRepeatNgram is { } size)
            processors.Add(new NoRepeatNgram(Require(size >= 1, nameof(NoRepeatNgram), "at least 1", size)));
        if (MinLength > 0)
            processors.Add(new MinLength(MinLength, endIds));
        if (!Sample)
            return processors;
        if (Temperature != 1)
            processors.Add(new Temperature(Require(Temperature > 0, nameof(Temperature), "above 0 (for 0, do not sample)", Temperature)));
        if (TopK is { } count)
            processors.Add(new TopK(Require(count >= 1, nameof(TopK), "at least 1", count)));
        if (TopP is { } mass)
            processors.Add(new TopP(Require(mass is > 0 and <= 1, nameof(TopP), "above 0 and at most 1", mass)));
        if (MinP is { } share)
            processors.Add(new MinP(Require(share is >= 0 and <= 1, nameof(MinP), "from 0 to 1", share)));
        if (TypicalP is { } typical)
            processors.Add(new TypicalP(Require(typical is > 0 and <= 1, nameof(TypicalP), "above 0 and at most 1", typical)));
        return processors;
    }

    private static T Require<T>(bool valid, string name, string expected, T value) =>
        valid ? value : throw new ArgumentException($"{name} is {value}; it must be {expected}.");

    private static void Require(bool valid, string name, string expected)
    {
        if (!valid)
            throw new ArgumentException($"{name} must be {expected}.");
    }
}
