using System.CommandLine;
using Attune.Inference;
using Attune.Tensors;

namespace Attune.Cli.Shell;

/// <summary>The model a verb asks, and what becomes of texts that are too long for it.</summary>
internal sealed class ModelArgument
{
    private readonly Argument<string> folder = new("model")
    {
        Description = "The model's folder (config.json, weights and tokenizer files), or the name of a pulled model.",
    };

    private readonly Option<bool> truncate = new("--truncate")
    {
        Description = "Cut texts that are longer than the model takes, instead of refusing them.",
    };

    private readonly PrecisionOption precision = new("The arithmetic of products with weights; int8 and bf16 also take less memory to read.", Precisions.All);

    /// <summary>Adds the argument and the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(folder);
        verb.Add(truncate);
        verb.Add(precision.Option);
    }

    /// <summary>The folder.</summary>
    public string Folder(Invocation invocation) => PulledFolder.Find(invocation.Get(folder));

    /// <summary>How requests are run.</summary>
    public InferenceOptions Options(Invocation invocation) => new()
    {
        TooLong = invocation.Get(truncate) ? TooLong.Truncate : TooLong.Error,
        Precision = precision.Read(invocation) ?? Precision.Float32,
    };
}
