using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Inference.Generation;

namespace Attune.Cli.Commands;

/// <summary><c>attune generate</c>: continues texts, or answers them with an encoder-decoder; a single text piece by piece as it is found.</summary>
internal sealed class GenerateCommand : Verb
{
    // So many prompts are read together.
    private const int PromptsAtOnce = 16;

    private readonly ModelArgument model = new();
    private readonly TextInput prompts = new("The texts to continue (or, for an encoder-decoder, to answer); an empty one begins a new text");
    private readonly GenerationFlags flags = new();

    /// <summary>Declares the verb.</summary>
    public GenerateCommand()
        : base(
            "generate",
            "Continues texts with a causal language model, or answers them with an encoder-decoder. A single text is printed as it is found.",
            "attune generate models/gpt2 \"Once upon a time\"",
            "attune generate models/gpt2 \"Once upon a time\" --temperature 0.8 --top-k 40 --seed 7",
            "attune generate models/gpt2 \"1, 2, 3,\" --max-new-tokens 20 --stop \"10\" --json",
            "attune generate models/gpt2 \"Dear Sir,\" --sample --typical-p 0.9 --return 3",
            "attune generate models/t5-small \"translate English to German: I am hungry.\" --beams 4 --return 2 --length-penalty 0.6",
            "attune generate models/bart-large-cnn --file articles.txt --beams 4 --no-repeat-ngram 3 --early-stopping true --json")
    {
        model.AddTo(this);
        prompts.AddTo(this);
        flags.AddTo(this);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var texts = prompts.Read(invocation).ToArray();
        var generator = Pipelines.TextGenerator(model.Folder(invocation), model.Options(invocation));
        GenerationOptions options = flags.Read(invocation, generator.Defaults);
        if (texts is [var single] && options is { Beams: 1, Returns: 1 } && !invocation.Json)
        {
            Stream(invocation, generator, single, options);
            return ExitCode.Ok;
        }

        var found = texts.Chunk(PromptsAtOnce).SelectMany(some => generator.Generate(some, options, invocation.Cancellation));
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, texts, [.. found]));
        else
            Write(invocation.Output, texts, found, generator.ContinuesPrompts);
        return ExitCode.Ok;
    }

    private static void Stream(Invocation invocation, TextGenerator generator, string prompt, GenerationOptions options)
    {
        var pieces = generator.Stream(prompt, options, invocation.Cancellation);
        if (generator.ContinuesPrompts)
            invocation.Output.Write(prompt);
        foreach (var piece in pieces)
        {
            invocation.Output.Write(piece);
            invocation.Output.Flush();
        }

        invocation.Output.WriteLine();
    }

    // A line a text, with its score where there are beams.
    private static void Write(TextWriter output, string[] prompts, IEnumerable<IReadOnlyList<GeneratedText>> found, bool continuesPrompts)
    {
        foreach (var (number, texts) in found.Index())
        {
            foreach (var text in texts)
            {
                if (text.Score is { } score)
                    output.Write(string.Create(CultureInfo.InvariantCulture, $"{score,9:0.0000}  "));
                output.WriteLine(continuesPrompts ? prompts[number] + text.Text : text.Text);
            }
            output.Flush();
        }
    }

    private static void Write(Utf8JsonWriter json, string[] prompts, IReadOnlyList<GeneratedText>[] found)
    {
        if (prompts.Length != 1)
            json.WriteStartArray();
        for (var i = 0; i < prompts.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("prompt", prompts[i]);
            json.WriteString("continuation", found[i][0].Text);
            json.WriteStartArray("texts");
            foreach (var text in found[i])
            {
                json.WriteStartObject();
                json.WriteString("text", text.Text);
                json.WriteNumber("tokens", text.Tokens);
                if (text.Score is { } score)
                    json.WriteNumber("score", score);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (prompts.Length != 1)
            json.WriteEndArray();
    }
}
