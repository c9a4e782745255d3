using System.Globalization;

namespace Attune.Inference.Generation;

/// <summary>How a text is continued. The defaults take the likeliest token each time.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens to add.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>The most tokens of a sequence, the prompt (or the decoder's start token) included; null sets no limit but <see cref="MaxNewTokens"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The least number of tokens, the prompt (or the decoder's start token) included.</summary>
    public int MinLength { get; init; }

    /// <summary>The least number of tokens to add.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>How many sequences are followed at once; 1 follows none but the one that is written.</summary>
    public int Beams { get; init; } = 1;

    /// <summary>The power of the length that divides the scores of beams: above 0 prefers long texts, below 0 short ones.</summary>
    public float LengthPenalty { get; init; } = 1;

    /// <summary>When a beam search ends.</summary>
    public EarlyStopping EarlyStopping { get; init; }

    /// <summary>How many sequences are returned for each prompt: the best of the beams, or as many that are drawn.</summary>
    public int Returns { get; init; } = 1;

    /// <summary>Whether tokens are drawn at random; otherwise the likeliest is taken each time.</summary>
    public bool Sample { get; init; }

    /// <summary>The seed of the draws: the same seed, prompt and settings give the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>Divides the scores when sampling; see <see cref="Generation.Temperature"/>.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the likeliest tokens up to this share of the entropy when sampling; see <see cref="Generation.TopH"/>; null keeps all.</summary>
    public float? TopH { get; init; }

    /// <summary>Keeps only the likeliest tokens when sampling; null keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keeps only the likeliest tokens up to this probability when sampling; null keeps all.</summary>
    public float? TopP { get; init; }

    /// <summary>Removes tokens less likely than this share of the likeliest when sampling; null keeps all.</summary>
    public float? MinP { get; init; }

    /// <summary>Keeps typical tokens up to this probability when sampling; null keeps all.</summary>
    public float? TypicalP { get; init; }

    /// <summary>Removes tokens less likely than this when sampling; null keeps all.</summary>
    public float? EpsilonCutoff { get; init; }

    /// <summary>The same with a threshold that falls with the entropy; see <see cref="Generation.EtaCutoff"/>; null keeps all.</summary>
    public float? EtaCutoff { get; init; }

    /// <summary>Makes tokens that have occurred less likely; 1 does not.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Makes tokens of the prompt likelier; 1 does not.</summary>
    public float EncoderRepetitionPenalty { get; init; } = 1;

    /// <summary>Forbids runs of so many tokens to occur twice; null does not.</summary>
    public int? NoRepeatNgram { get; init; }

    /// <summary>Forbids runs of so many tokens that occur in the prompt; null does not.</summary>
    public int? EncoderNoRepeatNgram { get; init; }

    /// <summary>Runs of tokens that must not occur.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWords { get; init; } = [];

    /// <summary>What is added to the score of the last token of a run whose other tokens stand already.</summary>
    public IReadOnlyList<BiasedSequence> SequenceBiases { get; init; } = [];

    /// <summary>Tokens that must not occur.</summary>
    public IReadOnlyList<int> SuppressedIds { get; init; } = [];

    /// <summary>Tokens that must not be the first one written.</summary>
    public IReadOnlyList<int> SuppressedFirstIds { get; init; } = [];

    /// <summary>The token that must follow the decoder's start token (languages of translators); null leaves it open.</summary>
    public int? ForcedFirstId { get; init; }

    /// <summary>The tokens of which one must be the last if the text becomes as long as it may; empty leaves it open.</summary>
    public IReadOnlyList<int> ForcedLastIds { get; init; } = [];

    /// <summary>Makes the end likelier and likelier; null does not.</summary>
    public LengthDecay? LengthDecay { get; init; }

    /// <summary>Whether the processed scores of beams are made probabilities again.</summary>
    public bool Renormalize { get; init; }

    /// <summary>The tokens that end the text; null takes those of the model's configuration, or the tokenizer's.</summary>
    public IReadOnlyList<int>? EndIds { get; init; }

    /// <summary>The token that the decoder of an encoder-decoder begins with; null takes that of the configuration.</summary>
    public int? StartId { get; init; }

    /// <summary>Texts at which the continuation ends; they are not part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether what was made of earlier tokens is kept; without, every step reads the whole text again.</summary>
    public bool UseCache { get; init; } = true;

    // A file or a user may ask for anything; each beam takes memory.
    private const int MostSequences = 4096;

    /// <summary>Makes sure that the settings are in range and do not contradict each other.</summary>
    /// <exception cref="ArgumentException">They are not, or do.</exception>
    public void Validate()
    {
        if (Fault() is ({ } name, var found, { } expected))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {found}; it must be {expected}."));
    }

    /// <summary>The first setting that cannot be, what it is, and what it must be; null if all can.</summary>
    internal (string Name, object? Found, string Expected)? Fault()
    {
        foreach ((bool valid, string name, object? found, string expected) in Rules())
        {
            if (!valid)
                return (name, found, expected);
        }
        return null;
    }

    private IEnumerable<(bool Valid, string Name, object? Found, string Expected)> Rules()
    {
        yield return (MaxNewTokens >= 1, nameof(MaxNewTokens), MaxNewTokens, "at least 1");
        yield return (MaxLength is not < 1, nameof(MaxLength), MaxLength, "at least 1");
        yield return (MinLength >= 0, nameof(MinLength), MinLength, "at least 0");
        yield return (MinNewTokens >= 0, nameof(MinNewTokens), MinNewTokens, "at least 0");
        yield return (Beams is >= 1 and <= MostSequences, nameof(Beams), Beams, $"from 1 to {MostSequences}");
        yield return (float.IsFinite(LengthPenalty), nameof(LengthPenalty), LengthPenalty, "a finite number");
        yield return (Returns is >= 1 and <= MostSequences, nameof(Returns), Returns, $"from 1 to {MostSequences}");
        yield return (Temperature > 0 && float.IsFinite(Temperature), nameof(Temperature), Temperature, "above 0 (for 0, do not sample)");
        yield return (TopH is null or (> 0 and <= 1), nameof(TopH), TopH, "above 0 and at most 1");
        yield return (TopK is not < 1, nameof(TopK), TopK, "at least 1");
        yield return (TopP is null or (> 0 and <= 1), nameof(TopP), TopP, "above 0 and at most 1");
        yield return (MinP is null or (>= 0 and <= 1), nameof(MinP), MinP, "from 0 to 1");
        yield return (TypicalP is null or (> 0 and <= 1), nameof(TypicalP), TypicalP, "above 0 and at most 1");
        yield return (EpsilonCutoff is null or (>= 0 and < 1), nameof(EpsilonCutoff), EpsilonCutoff, "at least 0 and below 1");
        yield return (EtaCutoff is null or (>= 0 and < 1), nameof(EtaCutoff), EtaCutoff, "at least 0 and below 1");
        yield return (RepetitionPenalty > 0, nameof(RepetitionPenalty), RepetitionPenalty, "above 0");
        yield return (EncoderRepetitionPenalty > 0, nameof(EncoderRepetitionPenalty), EncoderRepetitionPenalty, "above 0");
        yield return (NoRepeatNgram is not < 1, nameof(NoRepeatNgram), NoRepeatNgram, "at least 1");
        yield return (EncoderNoRepeatNgram is not < 1, nameof(EncoderNoRepeatNgram), EncoderNoRepeatNgram, "at least 1");
        yield return (BadWords.All(word => word.Count > 0), nameof(BadWords), "an empty run", "runs of at least one token");
        yield return (SequenceBiases.All(biased => biased.Ids.Count > 0), nameof(SequenceBiases), "an empty run", "runs of at least one token");
        yield return (Beams == 1 || Returns <= Beams, nameof(Returns), Returns, $"at most {Beams}, as many as there are beams");
        yield return (Beams > 1 || Returns == 1 || Sample, nameof(Returns), Returns, "1: the likeliest tokens make one text only; for more, sample or set more beams");
    }
}
