using System.CommandLine;
using Attune.Inference;

namespace Attune.Cli.Shell;

/// <summary>The model a verb asks, and what becomes of texts that are too long for it.</summary>
internal sealed class ModelArgument
{
    private readonly Argument<string> folder = new("model")
    {
        Description = "The model's folder: config.json, weights and tokenizer files.",
    };

    private readonly Option<bool> truncate = new("--truncate")
    {
        Description = "Cut texts that are longer than the model takes, instead of refusing them.",
    };

    /// <summary>Adds the argument and the option to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(folder);
        verb.Add(truncate);
    }

    /// <summary>The folder.</summary>
    public string Folder(Invocation invocation) => invocation.Get(folder);

    /// <summary>How requests are run.</summary>
    public InferenceOptions Options(Invocation invocation) =>
        new() { TooLong = invocation.Get(truncate) ? TooLong.Truncate : TooLong.Error };
}
