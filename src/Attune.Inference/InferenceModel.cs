using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors.Parallel;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>A model and its tokenizer, ready to be asked. Pipelines share one.</summary>
/// <remarks>
/// Thread-safe: any number of threads may run pipelines over one instance; each pass takes a tape of its own from a pool. The weights
/// are read where the file is mapped; those of products are packed at their first use, and then only that form stays in memory.
/// </remarks>
public sealed class InferenceModel
{
    /// <summary>Puts a model and its tokenizer together.</summary>
    /// <param name="model">The model, with values.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="options">How requests are run.</param>
    /// <exception cref="ArgumentException">The tokenizer has more tokens than the model.</exception>
    public InferenceModel(Model model, ITokenizer tokenizer, InferenceOptions? options = null)
    {
        Model = model;
        Tokenizer = tokenizer;
        Options = options ?? new InferenceOptions();
        Tapes = new TapePool(Options.Precision);
        Labels = ModelFolder.LabelNames(new JsonFields(model.Config, ModelFolder.ConfigName));
        if (model.Backbone is IHasTokenTable { TokenTable.Shape: var table } && tokenizer.VocabularySize > table[0])
        {
            throw new ArgumentException(
                $"The tokenizer has {tokenizer.VocabularySize} tokens, the model {table[0]}: they do not belong together.", nameof(tokenizer));
        }
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>How requests are run.</summary>
    public InferenceOptions Options { get; }

    /// <summary>The names of the classes, if the configuration has any.</summary>
    public IReadOnlyList<string>? Labels { get; }

    /// <summary>The longest text in tokens, special ones included; null if there is no limit.</summary>
    public int? MaxLength => Model.Backbone.MaxLength;

    /// <summary>Tapes for passes.</summary>
    internal TapePool Tapes { get; }

    /// <summary>Opens a model folder.</summary>
    /// <param name="folder">A folder in the Hugging Face layout, with the files of a tokenizer.</param>
    /// <param name="families">The families that are known.</param>
    /// <param name="options">How requests are run.</param>
    /// <param name="heads">The heads to load; null loads those of the folder's own architecture.</param>
    /// <exception cref="AttuneFormatException">A file is missing or faulty, or the files do not fit each other.</exception>
    public static InferenceModel Open(
        string folder, IReadOnlyList<IFamily> families, InferenceOptions? options = null, IReadOnlyList<HeadRequest>? heads = null)
    {
        // Both take about as long, and the first answer waits for the slower one only.
        Task<Tokenizer> tokenizer = Task.Run(() => Tokenizers.Tokenizer.LoadFolder(folder));
        Model model = ModelFolder.Load(folder, families, new LoadOptions { Heads = heads }).Model;
        return new InferenceModel(model, tokenizer.GetAwaiter().GetResult(), options);
    }

    /// <summary>The name of a class.</summary>
    internal string LabelOf(int id) => Labels is { } names && id < names.Count ? names[id] : $"LABEL_{id}";

    /// <summary>Encodes a text, or a pair, that must fit the model.</summary>
    /// <exception cref="ArgumentException">It does not, and is not to be cut.</exception>
    internal Encoding Encode(string text, string? pair = null)
    {
        var options = new EncodeOptions
        {
            Padding = new Padding(),
            Truncation = new Truncation { MaxLength = Options.TooLong == TooLong.Truncate && MaxLength is { } most ? most : int.MaxValue },
        };
        Encoding encoding = Tokenizer.Encode(text, pair, options);
        RequireFits(encoding.Length);
        return encoding;
    }

    /// <summary>Makes sure that a text fits the model.</summary>
    internal void RequireFits(int length)
    {
        if (length > MaxLength)
        {
            throw new ArgumentException(
                $"The text has {length} tokens; this model takes at most {MaxLength}. Shorten it, or have it cut ({nameof(InferenceOptions.TooLong)}, --truncate).");
        }
    }

    /// <summary>The model's head of a kind.</summary>
    /// <exception cref="InvalidOperationException">The model has no such head.</exception>
    internal THead Head<THead>(HeadKind kind)
        where THead : class, IHead => Model.Head<THead>(kind);

    /// <summary>Runs texts through the backbone, as many in a pass as <see cref="InferenceOptions.MaxTokensPerBatch"/> allows.</summary>
    /// <param name="encodings">The texts.</param>
    /// <param name="use">
    /// Gets each pass, its output, and the number of its first text; the output is gone afterwards. Called on any thread, for different texts at
    /// the same time.
    /// </param>
    /// <param name="prepare">Says what is predicted of a batch and what may be seen for it; null leaves it as it is. Called like <paramref name="use"/>.</param>
    internal void Run(IReadOnlyList<Encoding> encodings, Action<Pass, BackboneOutput, int> use, Func<TokenBatch, TokenBatch>? prepare = null)
    {
        ISequenceBackbone backbone = Model.Backbone as ISequenceBackbone
            ?? throw new InvalidOperationException("This pipeline needs a model of one stack; this one is an encoder-decoder.");
        int[] lengths = [.. encodings.Select(encoding => encoding.Length)];
        List<(int First, int Count)> batches = TokenBatches.Cut(lengths, Options.MaxTokensPerBatch);
        BatchSchedule.Run(batches.Count, new PassJob(Tapes, backbone, encodings, batches, use, prepare));
    }

    private readonly struct PassJob(
        TapePool tapes, ISequenceBackbone backbone, IReadOnlyList<Encoding> encodings, List<(int First, int Count)> batches,
        Action<Pass, BackboneOutput, int> use, Func<TokenBatch, TokenBatch>? prepare) : IJob
    {
        public void Run(int item)
        {
            (int first, int count) = batches[item];
            using TapePool.Lease lease = tapes.Rent();
            TokenBatch batch = TokenBatches.Of(encodings, first, count);
            use(lease.Pass, backbone.Forward(lease.Pass, prepare?.Invoke(batch) ?? batch), first);
        }
    }
}
