using System.CommandLine;
using Attune.Tokenizers;

namespace Attune.Cli.Shell;

/// <summary>The tokenizer a verb uses.</summary>
internal sealed class TokenizerArgument
{
    private readonly Argument<string> path = new("tokenizer")
    {
        Description = "A tokenizer.json, or a folder with one, with vocab.txt, with vocab.json and merges.txt, or with a SentencePiece model; or the name of a pulled model.",
    };

    /// <summary>Adds the argument to a verb.</summary>
    public void AddTo(Command verb) => verb.Add(path);

    /// <summary>Loads the tokenizer.</summary>
    public Tokenizer Load(Invocation invocation)
    {
        var given = PulledFolder.Find(invocation.Get(path));
        return File.Exists(given) ? Tokenizer.Load(given) : Tokenizer.LoadFolder(given);
    }
}
