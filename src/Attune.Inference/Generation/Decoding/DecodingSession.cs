using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Sequences that are being continued together: gives the scores of each one's next token after new ones.</summary>
/// <remarks>Belongs to one thread at a time.</remarks>
internal abstract class DecodingSession
{
    private readonly Tape _tape;

    /// <summary>Begins a session; for an encoder-decoder the encoder reads its sources here, once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">The arithmetic of products with weights.</param>
    /// <param name="sources">What the encoder reads, a text for each sequence; not looked at where there is none.</param>
    protected DecodingSession(GenerativeModel model, Precision precision, IReadOnlyList<IReadOnlyList<int>> sources)
    {
        Model = model;
        _tape = new Tape { FixedWeights = true, Precision = precision };
        if (!model.HasEncoder)
            return;
        _tape.Begin(recording: false);
        BackboneOutput encoded = model.Encode(new Pass(_tape), TokenBatch.Of([.. sources.Select(ids => ids.ToArray())]));
        // The tape's memory is used again at the next step.
        Source = encoded with { Hidden = Tensor.From(encoded.Hidden.Shape, encoded.Hidden.Span), Layers = [], AuxiliaryLoss = null };
    }

    /// <summary>The model.</summary>
    protected GenerativeModel Model { get; }

    /// <summary>What the encoder gave; null where there is none.</summary>
    protected BackboneOutput? Source { get; }

    /// <summary>Begins a session of the kind that the model needs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">The arithmetic of products with weights.</param>
    /// <param name="sources">A text for each sequence.</param>
    /// <param name="useCache">Whether what was read is kept; otherwise everything is read again at every step.</param>
    public static DecodingSession Begin(GenerativeModel model, Precision precision, IReadOnlyList<IReadOnlyList<int>> sources, bool useCache) =>
        model.HasMemory ? new RememberingSession(model, precision, sources)
        : useCache ? new CachedSession(model, precision, sources)
        : new RereadingSession(model, precision, sources);

    /// <summary>Reads new tokens of each sequence.</summary>
    /// <param name="unread">The tokens, at least one for each sequence; at the first call the prompts.</param>
    /// <returns>Scores <c>[sequences, vocabulary]</c>, which may be changed and are valid until the next call.</returns>
    public Tensor Read(IReadOnlyList<int[]> unread)
    {
        _tape.Begin(recording: false);
        var pass = new Pass(_tape);
        BackboneOutput output = Run(pass, TokenBatch.Of([.. unread]));
        // Only the last row of each sequence is multiplied with the vocabulary.
        Segments segments = output.Batch.Segments;
        int[] last = [.. Enumerable.Range(0, segments.Count).Select(s => segments.Start(s) + segments.Length(s) - 1)];
        return Model.Head.Logits(pass, output with { Hidden = _tape.GatherRows(output.Hidden, last) });
    }

    /// <summary>Goes on with other sequences: number <c>i</c> continues what was number <c>sequences[i]</c>; what is not named is forgotten.</summary>
    public abstract void Select(ReadOnlySpan<int> sequences);

    /// <summary>Runs the model on new tokens.</summary>
    protected abstract BackboneOutput Run(Pass pass, TokenBatch unread);
}
