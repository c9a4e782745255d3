using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Keeps what blocks have made of earlier tokens, so that each token is read once.</summary>
internal sealed class CachedSession(GenerativeModel model, Precision precision, IReadOnlyList<IReadOnlyList<int>> sources)
    : DecodingSession(model, precision, sources)
{
    private readonly KeyValueCache _cache = new(sources.Count);

    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<int> sequences) => _cache.Select(sequences);

    /// <inheritdoc/>
    protected override BackboneOutput Run(Pass pass, TokenBatch unread) => Model.Run(pass, unread with { State = _cache }, Source);
}
