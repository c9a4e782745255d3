using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Inference.Generation;

/// <summary>One sequence that is being continued: gives the scores of the next token after each new one.</summary>
/// <remarks>Belongs to one thread at a time.</remarks>
internal sealed class DecodingSession(ISequenceBackbone backbone, ITokenHead head, bool useCache, Precision precision)
{
    private readonly Tape _tape = new() { FixedWeights = true, Precision = precision };
    private readonly KeyValueCache? _cache = useCache ? new KeyValueCache(1) : null;
    private readonly List<int> _ids = [];

    /// <summary>Reads new tokens.</summary>
    /// <param name="ids">The tokens; at the first call the prompt.</param>
    /// <returns>A score for each token of the vocabulary; may be changed, and is valid until the next call.</returns>
    public Span<float> Read(ReadOnlySpan<int> ids)
    {
        _ids.AddRange(ids);
        var batch = new TokenBatch
        {
            Ids = _cache is null ? _ids.ToArray() : ids.ToArray(),
            Segments = Segments.Equal(1, _cache is null ? _ids.Count : ids.Length),
            State = _cache,
        };
        _tape.Begin(recording: false);
        var pass = new Pass(_tape);
        BackboneOutput output = backbone.Forward(pass, batch);
        // Only the last row is multiplied with the vocabulary.
        Tensor last = _tape.GatherRows(output.Hidden, new[] { batch.Rows - 1 });
        return head.Logits(pass, output with { Hidden = last }).Span;
    }
}
