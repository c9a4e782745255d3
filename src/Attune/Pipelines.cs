using Attune.Formats;
using Attune.Inference;
using Attune.Inference.Generation;

namespace Attune;

/// <summary>Opens model folders as pipelines, with every family of the catalog.</summary>
/// <example>
/// <code>
/// FillMask fill = Pipelines.FillMask("runs/bert");
/// Console.WriteLine(fill.Fill("The stream is [MASK].")[0].Candidates[0].Token);
/// </code>
/// </example>
/// <remarks>Every pipeline is safe to use from many threads; open it once and keep it.</remarks>
public static class Pipelines
{
    /// <summary>Opens a model and its tokenizer, to be shared by several pipelines.</summary>
    /// <exception cref="AttuneFormatException">A file is missing or faulty, or the files do not fit each other.</exception>
    public static InferenceModel Open(string folder, InferenceOptions? options = null) => InferenceModel.Open(folder, Catalog.Backbones.All, options);

    /// <summary>Opens a masked language model.</summary>
    /// <inheritdoc cref="Open"/>
    public static FillMask FillMask(string folder, InferenceOptions? options = null) => new(Open(folder, options));

    /// <summary>Opens a classifier of texts.</summary>
    /// <inheritdoc cref="Open"/>
    public static TextClassifier TextClassifier(string folder, InferenceOptions? options = null) => new(Open(folder, options));

    /// <summary>Opens a classifier of tokens.</summary>
    /// <inheritdoc cref="Open"/>
    public static TokenClassifier TokenClassifier(string folder, InferenceOptions? options = null) => new(Open(folder, options));

    /// <summary>Opens a model that finds answers in texts.</summary>
    /// <inheritdoc cref="Open"/>
    public static QuestionAnswerer QuestionAnswerer(string folder, InferenceOptions? options = null) => new(Open(folder, options));

    /// <summary>Opens a model that writes texts, with the settings of its <c>generation_config.json</c> as defaults.</summary>
    /// <inheritdoc cref="Open"/>
    public static TextGenerator TextGenerator(string folder, InferenceOptions? options = null) =>
        Inference.Generation.TextGenerator.Open(Open(folder, options), folder);

    /// <summary>Opens a model that turns texts into vectors.</summary>
    /// <inheritdoc cref="Open"/>
    public static SentenceEmbedder SentenceEmbedder(string folder, InferenceOptions? options = null) =>
        Inference.SentenceEmbedder.Open(folder, Catalog.Backbones.All, options);
}
