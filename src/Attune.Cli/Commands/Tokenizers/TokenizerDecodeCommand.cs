using System.CommandLine;
using System.Globalization;
using Attune.Cli.Shell;
using Attune.Tokenizers;

namespace Attune.Cli.Commands.Tokenizers;

/// <summary><c>attune tokenizer decode</c>: token ids to texts.</summary>
internal sealed class TokenizerDecodeCommand : Verb
{
    private static readonly char[] Separators = [' ', ',', '\t', '[', ']'];

    private readonly TokenizerArgument tokenizer = new();
    private readonly TextInput sequences = new("The ids of one text, in one argument, with spaces or commas between");

    private readonly Option<bool> special = new("--keep-special")
    {
        Description = "Show special tokens, too.",
    };

    /// <summary>Declares the verb.</summary>
    public TokenizerDecodeCommand()
        : base(
            "decode",
            "Turns token ids into texts, one line a text.",
            "attune tokenizer decode models/bert \"101 7592 102\"",
            "attune tokenizer encode models/bert \"Hello, world!\" | attune tokenizer decode models/bert --keep-special --json")
    {
        tokenizer.AddTo(this);
        sequences.AddTo(this);
        Add(special);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var loaded = tokenizer.Load(invocation);
        var texts = sequences.Read(invocation).Select(line => loaded.Decode(Ids(line, loaded), !invocation.Get(special)));
        if (!invocation.Json)
        {
            foreach (var text in texts)
                invocation.Output.WriteLine(text);
            return ExitCode.Ok;
        }

        invocation.WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
        });
        return ExitCode.Ok;
    }

    private static int[] Ids(string line, Tokenizer tokenizer) =>
    [
        .. line.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(word =>
            !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? throw new ArgumentException($"'{word}' is not a token id; ids are whole numbers from 0.")
                // The library passes over such ids, as models with padded tables make them; on a command line they mean the wrong tokenizer.
                : tokenizer.IdToToken(id) is null
                    ? throw new ArgumentException($"the id {id} is not in the vocabulary, which has {tokenizer.VocabularySize} tokens: was the text encoded with another tokenizer?")
                    : id),
    ];
}
