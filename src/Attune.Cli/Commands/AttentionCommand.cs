using System.CommandLine;
using System.Text.Json;
using Attune.Analysis;
using Attune.Cli.Shell;

namespace Attune.Cli.Commands;

/// <summary><c>attune attention</c>: what a model looks at.</summary>
internal sealed class AttentionCommand : Verb
{
    private readonly Argument<string> model = new("model")
    {
        Description = "The model's folder (config.json, weights and tokenizer files), or the name of a pulled model.",
    };

    private readonly Argument<string> text = new("text")
    {
        Description = "What the model reads.",
    };

    private readonly Option<string?> pair = new("--pair")
    {
        Description = "A second text of the same example; for an encoder-decoder, what its decoder has written.",
        HelpName = "text",
    };

    private readonly Option<string> page = new("--out")
    {
        Description = "The page to write.",
        HelpName = "file",
        DefaultValueFactory = _ => "attention.html",
    };

    /// <summary>Declares the verb.</summary>
    public AttentionCommand()
        : base(
            "attention",
            "Writes what each head of each layer attends to as a page that needs nothing but itself.",
            "attune attention models/bert \"The cat sat on the mat because it was tired.\"",
            "attune attention models/t5 \"translate English to German: Hello.\" --pair \"Hallo.\" --out hello.html",
            "attune attention models/gpt2 \"Once upon a time\" --json")
    {
        Add(model);
        Add(text);
        foreach (Option option in (Option[])[pair, page, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var words = invocation.Get(text);
        var groups = AttentionGroup.Of(Pipelines.Open(PulledFolder.Find(invocation.Get(model))), words, invocation.Get(pair));
        if (invocation.Json)
        {
            invocation.WriteJson(json => Write(json, groups));
            return ExitCode.Ok;
        }
        var path = invocation.Get(page)!;
        new AttentionPage($"Attention: {words}", groups).Save(path);
        invocation.Output.WriteLine(path);
        return ExitCode.Ok;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<AttentionGroup> groups)
    {
        json.WriteStartArray();
        foreach (var group in groups)
        {
            json.WriteStartObject();
            json.WriteString("name", group.Name);
            Strings("queries", group.Queries);
            Strings("keys", group.Keys);
            json.WriteStartArray("layers");
            foreach (var layer in group.Layers)
                Nested(layer.Span, layer.Shape.ToArray());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Strings(string name, IReadOnlyList<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }

        void Nested(ReadOnlySpan<float> values, ReadOnlySpan<int> shape)
        {
            json.WriteStartArray();
            var size = values.Length / shape[0];
            for (var i = 0; i < shape[0]; i++)
            {
                if (shape.Length == 1)
                    json.WriteNumberValue(values[i]);
                else
                    Nested(values.Slice(i * size, size), shape[1..]);
            }
            json.WriteEndArray();
        }
    }
}
