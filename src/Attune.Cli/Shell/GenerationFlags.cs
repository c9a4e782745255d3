using System.CommandLine;
using Attune.Inference.Generation;

namespace Attune.Cli.Shell;

/// <summary>The options that say how a text is written. What is not given stays as the model was published with.</summary>
internal sealed class GenerationFlags
{
    private readonly Option<int?> length = NumberOption.MakeOptional(
        "--max-new-tokens", "The most tokens to add. Default: what the model's generation_config.json says, or 64.", "count", 1, 1_000_000);

    private readonly Option<int?> least = NumberOption.MakeOptional(
        "--min-tokens", "The least tokens to add: before that the text does not end.", "count", 0, 1_000_000);

    private readonly Option<int?> beams = NumberOption.MakeOptional(
        "--beams", "Follow this many texts at once and give the one with the best score (beam search).", "count", 1, 1000);

    private readonly Option<float?> lengthPenalty = NumberOption.MakeOptional(
        "--length-penalty", "With beams: the power of the length that divides scores; above 0 prefers long texts, below 0 short ones.", "number", -100f, 100f);

    private readonly Option<string?> earlyStopping = new("--early-stopping")
    {
        Description = "With beams: end as soon as there are enough finished texts (true), when a better one is unlikely (false), or impossible (never).",
        HelpName = "when",
    };

    private readonly Option<int?> returns = NumberOption.MakeOptional(
        "--return", "Give this many texts for each prompt: the best of the beams, or as many that are drawn.", "count", 1, 1000);

    private readonly Option<bool> greedy = new("--greedy")
    {
        Description = "Take the likeliest token each time, also where the model was published to be drawn from.",
    };

    private readonly Option<bool> sample = new("--sample")
    {
        Description = "Draw tokens at random; without this or one of the next five, the likeliest is taken each time.",
    };

    private readonly Option<float?> temperature = NumberOption.MakeOptional(
        "--temperature", "Divides the scores: below 1 plays safe, above 1 is daring.", "number", 1e-4f, 100f);

    private readonly Option<int?> topK = NumberOption.MakeOptional("--top-k", "Draw from this many of the likeliest tokens.", "count", 1, int.MaxValue);

    private readonly Option<float?> topP = NumberOption.MakeOptional(
        "--top-p", "Draw from the likeliest tokens that make up this probability.", "share", 1e-6f, 1f);

    private readonly Option<float?> minP = NumberOption.MakeOptional(
        "--min-p", "Draw from tokens at least this likely, as a share of the likeliest.", "share", 0f, 1f);

    private readonly Option<float?> typicalP = NumberOption.MakeOptional(
        "--typical-p", "Draw from the tokens whose information is closest to what is expected, up to this probability.", "share", 1e-6f, 1f);

    private readonly Option<float?> repetition = NumberOption.MakeOptional(
        "--repetition-penalty", "Above 1 makes tokens that have occurred less likely.", "number", 0.01f, 100f);

    private readonly Option<int?> ngram = NumberOption.MakeOptional(
        "--no-repeat-ngram", "Let no run of this many tokens occur twice.", "count", 1, 1000);

    private readonly Option<int?> promptNgram = NumberOption.MakeOptional(
        "--no-prompt-ngram", "Let no run of this many tokens of the prompt occur.", "count", 1, 1000);

    private readonly Option<string[]> stop = new("--stop")
    {
        Description = "End at this text, which is not printed; may be given several times.",
        HelpName = "text",
        DefaultValueFactory = _ => [],
    };

    private Option[] Draws => [sample, temperature, topK, topP, minP, typicalP];

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        earlyStopping.AcceptOnlyFromAmong("true", "false", "never");
        foreach (Option option in (Option[])
            [length, least, greedy, .. Draws, beams, lengthPenalty, earlyStopping, returns, repetition, ngram, promptNgram, stop, SharedOptions.Seed])
        {
            verb.Add(option);
        }
    }

    /// <summary>Reads what is given.</summary>
    /// <param name="invocation">The command line.</param>
    /// <param name="defaults">What holds where nothing is given.</param>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public GenerationOptions Read(Invocation invocation, GenerationOptions defaults)
    {
        bool drawn = Draws.Any(invocation.Has);
        if (invocation.Get(greedy) && drawn)
            throw new UsageException($"--greedy takes the likeliest token, {Draws.First(invocation.Has).Name} draws one; leave one out.");
        GenerationOptions options = defaults with
        {
            MaxNewTokens = invocation.Get(length) ?? defaults.MaxNewTokens,
            MaxLength = invocation.Has(length) ? null : defaults.MaxLength,
            MinNewTokens = invocation.Get(least) ?? defaults.MinNewTokens,
            Sample = !invocation.Get(greedy) && (drawn || defaults.Sample),
            Seed = invocation.Seed,
            Temperature = invocation.Get(temperature) ?? defaults.Temperature,
            TopK = invocation.Get(topK) ?? defaults.TopK,
            TopP = invocation.Get(topP) ?? defaults.TopP,
            MinP = invocation.Get(minP) ?? defaults.MinP,
            TypicalP = invocation.Get(typicalP) ?? defaults.TypicalP,
            Beams = invocation.Get(beams) ?? defaults.Beams,
            LengthPenalty = invocation.Get(lengthPenalty) ?? defaults.LengthPenalty,
            EarlyStopping = invocation.Get(earlyStopping) switch
            {
                null => defaults.EarlyStopping,
                "true" => EarlyStopping.WhenFull,
                "never" => EarlyStopping.Never,
                _ => EarlyStopping.WhenUnlikely,
            },
            Returns = invocation.Get(returns) ?? defaults.Returns,
            RepetitionPenalty = invocation.Get(repetition) ?? defaults.RepetitionPenalty,
            NoRepeatNgram = invocation.Get(ngram) ?? defaults.NoRepeatNgram,
            EncoderNoRepeatNgram = invocation.Get(promptNgram) ?? defaults.EncoderNoRepeatNgram,
            StopStrings = invocation.Has(stop) ? invocation.Get(stop)! : defaults.StopStrings,
        };
        Check(invocation, options);
        return options;
    }

    private void Check(Invocation invocation, GenerationOptions options)
    {
        if (options.Beams == 1 && ((Option[])[lengthPenalty, earlyStopping]).FirstOrDefault(invocation.Has) is { } idle)
            throw new UsageException($"{idle.Name} says something about beams; add --beams with 2 or more.");
        if (options.Beams > 1 && options.Returns > options.Beams)
            throw new UsageException($"--return is {options.Returns}, but there are {options.Beams} beams; ask for at most as many.");
        if (options.Beams == 1 && options.Returns > 1 && !options.Sample)
            throw new UsageException($"--return is {options.Returns}, but the likeliest tokens make one text only; add --beams or --sample.");
        if (options.MinNewTokens > options.MaxNewTokens)
            throw new UsageException($"--min-tokens is {options.MinNewTokens}, but at most {options.MaxNewTokens} tokens are added; see --max-new-tokens.");
        if (options.StopStrings.Any(text => text.Length == 0))
            throw new UsageException("--stop is empty; give the text at which to end.");
    }
}
