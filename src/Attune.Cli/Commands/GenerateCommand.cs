using System.CommandLine;
using Attune.Cli.Shell;
using Attune.Inference.Generation;

namespace Attune.Cli.Commands;

/// <summary><c>attune generate</c>: continues a text, piece by piece as it is found.</summary>
internal sealed class GenerateCommand : Verb
{
    private readonly ModelArgument model = new();

    private readonly Argument<string> prompt = new("prompt")
    {
        Description = "The text to continue; empty begins a new one.",
    };

    private readonly Option<int> length = NumberOption.Make("--max-new-tokens", "The most tokens to add.", "count", 64, 1, 1_000_000);

    private readonly Option<bool> sample = new("--sample")
    {
        Description = "Draw tokens at random; without this or one of the next four, the likeliest is taken each time.",
    };

    private readonly Option<float?> temperature = NumberOption.MakeOptional(
        "--temperature", "Divides the scores: below 1 plays safe, above 1 is daring.", "number", 1e-4f, 100f);

    private readonly Option<int?> topK = NumberOption.MakeOptional("--top-k", "Draw from this many of the likeliest tokens.", "count", 1, int.MaxValue);

    private readonly Option<float?> topP = NumberOption.MakeOptional(
        "--top-p", "Draw from the likeliest tokens that make up this probability.", "share", 1e-6f, 1f);

    private readonly Option<float?> minP = NumberOption.MakeOptional(
        "--min-p", "Draw from tokens at least this likely, as a share of the likeliest.", "share", 0f, 1f);

    private readonly Option<float> penalty = NumberOption.Make(
        "--repetition-penalty", "Above 1 makes tokens that have occurred less likely.", "number", 1f, 0.01f, 100f);

    private readonly Option<string[]> stop = new("--stop")
    {
        Description = "End at this text, which is not printed; may be given several times.",
        HelpName = "text",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Declares the verb.</summary>
    public GenerateCommand()
        : base(
            "generate",
            "Continues a text with a causal language model and prints the continuation as it is found.",
            "attune generate models/gpt2 \"Once upon a time\"",
            "attune generate models/gpt2 \"Once upon a time\" --temperature 0.8 --top-k 40 --seed 7",
            "attune generate models/gpt2 \"1, 2, 3,\" --max-new-tokens 20 --json")
    {
        model.AddTo(this);
        Add(prompt);
        foreach (Option option in (Option[])[length, sample, temperature, topK, topP, minP, penalty, stop, SharedOptions.Seed, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        GenerationOptions options = new()
        {
            MaxNewTokens = invocation.Get(length),
            Sample = invocation.Get(sample) || ((Option[])[temperature, topK, topP, minP]).Any(invocation.Has),
            Seed = invocation.Seed,
            Temperature = invocation.Get(temperature) ?? 1,
            TopK = invocation.Get(topK),
            TopP = invocation.Get(topP),
            MinP = invocation.Get(minP),
            RepetitionPenalty = invocation.Get(penalty),
            StopStrings = invocation.Get(stop)!,
        };
        var generator = Pipelines.TextGenerator(model.Folder(invocation), model.Options(invocation));
        var text = invocation.Get(prompt);
        if (invocation.Json)
        {
            var continuation = generator.Generate(text, options, invocation.Cancellation);
            invocation.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("prompt", text);
                json.WriteString("continuation", continuation);
                json.WriteEndObject();
            });
            return ExitCode.Ok;
        }

        invocation.Output.Write(text);
        foreach (var piece in generator.Stream(text, options, invocation.Cancellation))
        {
            invocation.Output.Write(piece);
            invocation.Output.Flush();
        }

        invocation.Output.WriteLine();
        return ExitCode.Ok;
    }
}
