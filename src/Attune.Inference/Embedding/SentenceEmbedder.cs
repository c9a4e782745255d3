using Attune.Backbones;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Parallel;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>
/// Turns texts into vectors whose angle says how alike they are (Reimers and Gurevych 2019, arXiv:1908.10084), from a folder in the
/// sentence-transformers layout or any encoder.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SentenceEmbedder
{
    /// <summary>Texts that a thread encodes at a time: so many that taking them costs nothing beside.</summary>
    private const int TextsPerItem = 8;

    private readonly InferenceModel _model;
    private readonly SentenceConfig _config;
    private readonly ISequenceBackbone _backbone;
    private readonly int? _maxLength;

    /// <summary>Makes the pipeline.</summary>
    /// <param name="model">An encoder.</param>
    /// <param name="config">How its rows become vectors.</param>
    /// <exception cref="ArgumentException">The model is an encoder-decoder.</exception>
    public SentenceEmbedder(InferenceModel model, SentenceConfig config)
    {
        _model = model;
        _config = config;
        _backbone = model.Model.Backbone as ISequenceBackbone
            ?? throw new ArgumentException("Texts are embedded by models of one stack; this one is an encoder-decoder.", nameof(model));
        _maxLength = config.MaxLength is { } own && !(own > model.MaxLength) ? own : model.MaxLength;
    }

    /// <summary>The width of the vectors.</summary>
    public int Width => _backbone.Width;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="Formats.AttuneFormatException">A file is missing or faulty, or asks for something that is not known.</exception>
    public static SentenceEmbedder Open(string folder, IReadOnlyList<IFamily> families, InferenceOptions? options = null)
    {
        SentenceConfig config = SentenceConfig.Read(folder);
        // A sentence encoder cuts what is longer than its limit; that is how such models were made.
        options ??= new InferenceOptions { TooLong = TooLong.Truncate };
        return new SentenceEmbedder(InferenceModel.Open(folder, families, options), config);
    }

    /// <summary>The vector of one text.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public float[] Embed(string text)
    {
        float[] vector = new float[Width];
        Embed([text], vector);
        return vector;
    }

    /// <summary>The vectors of several texts.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        float[] flat = new float[checked(texts.Count * Width)];
        Embed(texts, flat);
        return [.. Enumerable.Range(0, texts.Count).Select(i => flat.AsSpan(i * Width, Width).ToArray())];
    }

    /// <summary>The vectors of several texts, one after another.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="vectors">Gets <c>texts * width</c> numbers.</param>
    /// <exception cref="ArgumentException">A text is too long, or there is another number of places.</exception>
    public unsafe void Embed(IReadOnlyList<string> texts, Span<float> vectors)
    {
        if (vectors.Length != (long)texts.Count * Width)
            throw new ArgumentException($"{texts.Count} vectors of {Width} numbers need {(long)texts.Count * Width} places, not {vectors.Length}.", nameof(vectors));
        int[][] ids = new int[texts.Count][];
        Workers.ForRanges(texts.Count, TextsPerItem, new EncodeJob(this, texts, ids));
        int[] lengths = Array.ConvertAll(ids, own => own.Length);
        foreach (int length in lengths)
            RequireFits(length);
        List<(int First, int Count)> batches = TokenBatches.Cut(lengths, _model.Options.MaxTokensPerBatch);
        fixed (float* target = vectors)
            BatchSchedule.Run(batches.Count, new BatchJob(this, ids, batches, target));
    }

    private void EmbedBatch(ReadOnlySpan<int[]> ids, Span<float> vectors)
    {
        int[] lengths = new int[ids.Length];
        for (int text = 0; text < ids.Length; text++)
            lengths[text] = ids[text].Length;
        int[] merged = new int[lengths.Sum()];
        int start = 0;
        foreach (int[] own in ids)
        {
            own.CopyTo(merged, start);
            start += own.Length;
        }
        var batch = new TokenBatch { Ids = merged, Segments = Segments.FromLengths(lengths) };
        using TapePool.Lease lease = _model.Tapes.Rent();
        BackboneOutput output = _backbone.Forward(lease.Pass, batch);
        Tensor pooled = Pool(lease.Pass.Tape, output.Hidden, batch.Segments);
        (_config.Normalize ? lease.Pass.Tape.Normalize(pooled) : pooled).Span.CopyTo(vectors);
    }

    private Tensor Pool(Tape tape, Tensor hidden, Segments segments) => _config.Pooling switch
    {
        Pooling.Mean => tape.SegmentMean(hidden, segments),
        Pooling.Max => tape.SegmentMax(hidden, segments),
        Pooling.FirstToken => tape.SegmentFirst(hidden, segments),
        Pooling.LastToken => tape.SegmentLast(hidden, segments),
        Pooling.MeanOfSquareRootLength => tape.Multiply(
            tape.SegmentSum(hidden, segments),
            Tensor.From([segments.Count, 1], [.. Enumerable.Range(0, segments.Count).Select(s => 1 / MathF.Sqrt(segments.Length(s)))])),
        _ => throw new InvalidOperationException($"There is no pooling {_config.Pooling}."),
    };

    // The fast path knows nothing of lengths; only a text that is too long is encoded again, to be cut.
    private int[] IdsOf(string text, List<int> buffer)
    {
        buffer.Clear();
        int count = _model.Tokenizer.EncodeIds(text, buffer);
        if (!(count > _maxLength) || _model.Options.TooLong == TooLong.Error)
            return [.. buffer];
        var options = new EncodeOptions { Padding = new Padding(), Truncation = new Truncation { MaxLength = _maxLength!.Value } };
        return [.. _model.Tokenizer.Encode(text, null, options).Ids];
    }

    private void RequireFits(int length)
    {
        if (length > _maxLength)
            throw new ArgumentException($"The text has {length} tokens; this model takes at most {_maxLength}. Shorten it, or have it cut ({nameof(InferenceOptions.TooLong)}, --truncate).");
    }

    private readonly struct EncodeJob(SentenceEmbedder embedder, IReadOnlyList<string> texts, int[][] ids) : IRangeJob
    {
        public void Run(int start, int end)
        {
            List<int> buffer = [];
            for (int text = start; text < end; text++)
                ids[text] = embedder.IdsOf(texts[text], buffer);
        }
    }

    private readonly unsafe struct BatchJob(SentenceEmbedder embedder, int[][] ids, List<(int First, int Count)> batches, float* vectors) : IJob
    {
        public void Run(int item)
        {
            (int first, int count) = batches[item];
            int width = embedder.Width;
            embedder.EmbedBatch(ids.AsSpan(first, count), new Span<float>(vectors + (long)first * width, count * width));
        }
    }
}
