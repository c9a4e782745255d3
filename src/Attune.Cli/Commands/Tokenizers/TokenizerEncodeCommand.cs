using System.CommandLine;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Tokenizers;

namespace Attune.Cli.Commands.Tokenizers;

/// <summary><c>attune tokenizer encode</c>: texts to token ids.</summary>
internal sealed class TokenizerEncodeCommand : Verb
{
    private readonly TokenizerArgument tokenizer = new();
    private readonly TextInput texts = new("A text to encode");

    private readonly Option<string?> pair = new("--pair")
    {
        Description = "The second text of a pair.",
        HelpName = "text",
    };

    private readonly Option<int?> length = NumberOption.MakeOptional("--max-length", "Cut to this many tokens, special ones included. Truncation and padding written in tokenizer.json are not applied.", "count", 1, int.MaxValue);

    private readonly Option<bool> bare = new("--no-special")
    {
        Description = "Leave out the tokens that mark a text's ends.",
    };

    private readonly Option<bool> spelled = new("--tokens")
    {
        Description = "Print tokens as the vocabulary spells them instead of ids.",
    };

    /// <summary>Declares the verb.</summary>
    public TokenizerEncodeCommand()
        : base(
            "encode",
            "Turns texts into token ids, one line a text. With --json also tokens, offsets in code points, types and words.",
            "attune tokenizer encode models/bert \"Hello, world!\"",
            "attune tokenizer encode models/bert \"Hello, world!\" --tokens",
            "attune tokenizer encode models/bert/tokenizer.json --file sentences.txt --max-length 128 --json")
    {
        tokenizer.AddTo(this);
        texts.AddTo(this);
        foreach (Option option in (Option[])[pair, length, bare, spelled, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var loaded = tokenizer.Load(invocation);
        var second = invocation.Get(pair);
        EncodeOptions options = new()
        {
            AddSpecialTokens = !invocation.Get(bare),
            Truncation = invocation.Get(length) is { } most ? new Truncation { MaxLength = most } : null,
        };
        var encoded = texts.Read(invocation).Select(text => (text, loaded.Encode(text, second, options)));
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, encoded));
        else
            Print(invocation, encoded);
        return ExitCode.Ok;
    }

    private void Print(Invocation invocation, IEnumerable<(string Text, Encoding Encoding)> encoded)
    {
        foreach (var (_, encoding) in encoded)
            invocation.Output.WriteLine(invocation.Get(spelled) ? string.Join(' ', encoding.Tokens) : string.Join(' ', encoding.Ids));
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<(string Text, Encoding Encoding)> encoded)
    {
        json.WriteStartArray();
        foreach (var (text, encoding) in encoded)
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            WriteArray("ids", encoding.Ids, json.WriteNumberValue);
            WriteArray("tokens", encoding.Tokens, json.WriteStringValue);
            WriteArray("type_ids", encoding.TypeIds, json.WriteNumberValue);
            WriteArray("offsets", encoding.Offsets, span =>
            {
                json.WriteStartArray();
                json.WriteNumberValue(span.Start);
                json.WriteNumberValue(span.End);
                json.WriteEndArray();
            });
            WriteArray("words", encoding.WordIds, word =>
            {
                if (word is { } number)
                    json.WriteNumberValue(number);
                else
                    json.WriteNullValue();
            });
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void WriteArray<T>(string name, IReadOnlyList<T> values, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
                write(value);
            json.WriteEndArray();
        }
    }
}
