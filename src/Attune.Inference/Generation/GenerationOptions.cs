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

    /// <summary>Makes sure that the settings are in range and do not contradict each other.</summary>
    /// <exception cref="ArgumentException">They are not, or do.</exception>
    public void Validate()
    {
        Require(MaxNewTokens >= 1, nameof(MaxNewTokens), MaxNewTokens, "at least 1");
        Require(MaxLength is not < 1, nameof(MaxLength), MaxLength, "at least 1");
        Require(MinLength >= 0, nameof(MinLength), MinLength, "at least 0");
        Require(MinNewTokens >= 0, nameof(MinNewTokens), MinNewTokens, "at least 0");
        Require(Beams >= 1, nameof(Beams), Beams, "at least 1");
        Require(float.IsFinite(LengthPenalty), nameof(LengthPenalty), LengthPenalty, "a finite number");
        Require(Returns >= 1, nameof(Returns), Returns, "at least 1");
        Require(Temperature > 0 && float.IsFinite(Temperature), nameof(Temperature), Temperature, "above 0 (for 0, do not sample)");
        Require(TopK is not < 1, nameof(TopK), TopK, "at least 1");
        Require(TopP is null or (> 0 and <= 1), nameof(TopP), TopP, "above 0 and at most 1");
        Require(MinP is null or (>= 0 and <= 1), nameof(MinP), MinP, "from 0 to 1");
        Require(TypicalP is null or (> 0 and <= 1), nameof(TypicalP), TypicalP, "above 0 and at most 1");
        Require(EpsilonCutoff is null or (>= 0 and < 1), nameof(EpsilonCutoff), EpsilonCutoff, "at least 0 and below 1");
        Require(EtaCutoff is null or (>= 0 and < 1), nameof(EtaCutoff), EtaCutoff, "at least 0 and below 1");
        Require(RepetitionPenalty > 0, nameof(RepetitionPenalty), RepetitionPenalty, "above 0");
        Require(EncoderRepetitionPenalty > 0, nameof(EncoderRepetitionPenalty), EncoderRepetitionPenalty, "above 0");
        Require(NoRepeatNgram is not < 1, nameof(NoRepeatNgram), NoRepeatNgram, "at least 1");
        Require(EncoderNoRepeatNgram is not < 1, nameof(EncoderNoRepeatNgram), EncoderNoRepeatNgram, "at least 1");
        Require(BadWords.All(word => word.Count > 0), nameof(BadWords), "an empty run", "runs of at least one token");
        Require(SequenceBiases.All(biased => biased.Ids.Count > 0), nameof(SequenceBiases), "an empty run", "runs of at least one token");
        if (Beams > 1 && Returns > Beams)
            throw new ArgumentException($"{nameof(Returns)} is {Returns}, but there are only {Beams} beams; ask for at most as many.");
        if (Beams == 1 && Returns > 1 && !Sample)
            throw new ArgumentException($"{nameof(Returns)} is {Returns}, but the likeliest tokens make one text only; set {nameof(Sample)}, or more {nameof(Beams)}.");
    }

    private static void Require(bool valid, string name, object? found, string expected)
    {
        if (!valid)
            throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} is {found}; it must be {expected}."));
    }
}
