using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks;

/// <summary>An embedding and one stack: the body of BERT, GPT and everything between them.</summary>
public sealed class StackBackbone : Module, ISequenceBackbone, IHasTokenTable, IHasMixers, IHasAttention
{
    private readonly TokenEmbedding _embedding;
    private readonly Stack _stack;
    private readonly Pooler? _pooler;
    private IScoreBias? _scoreBias;
    private AddedPositions? _positions;
    private readonly bool _causal;

    /// <summary>Puts a backbone together.</summary>
    /// <param name="width">The width of its rows.</param>
    /// <param name="embedding">From ids to rows.</param>
    /// <param name="stack">The blocks.</param>
    /// <param name="causal">Whether a position must not see what follows it.</param>
    /// <param name="pooler">Gives a vector for each sequence; null if there is none.</param>
    /// <param name="scoreBias">Relative positions, added to the scores of every self-attention; null if there are none.</param>
    public StackBackbone(
        int width, TokenEmbedding embedding, Stack stack, bool causal, Pooler? pooler = null, IScoreBias? scoreBias = null)
    {
        Width = width;
        _causal = causal;
        _embedding = Own("embedding", embedding);
        _stack = Own("layers", stack);
        if (pooler is not null)
            _pooler = Own("pooler", pooler);
        if (scoreBias is not null)
            _scoreBias = Own("scoreBias", scoreBias);
    }

    /// <summary>What the routers of its experts add to the loss; null if nothing.</summary>
    public RouterLosses? RouterLosses { get; init; }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        (_causal ? Capabilities.Causal : Capabilities.Bidirectional) | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings
        | (_scoreBias is null ? _stack.OfMixers & Capabilities.FreeMask : Capabilities.None);

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => _embedding.MaxLength;

    /// <inheritdoc/>
    public Parameter TokenTable => _embedding.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<AttentionShape?> Attentions => _stack.Attentions;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        var replacement = new MixerReplacement(settings, Capabilities, MaxLength);
        _stack.ReplaceMixers(replacement, Width);
        if (_scoreBias is not null && !replacement.KnowsOrder)
            _positions = new AddedPositions(Width, _embedding.Spread);
        _scoreBias = null;
        Remove("scoreBias");
    }

    /// <inheritdoc/>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        Tensor x = _embedding.Forward(pass.Tape, batch);
        x = _positions?.Add(pass.Tape, x, batch) ?? x;
        List<Tensor> inputs = [];
        ExpertRouting? routing = RouterLosses is null || batch.State is not null ? null : new ExpertRouting();
        x = _stack.Forward(pass, x, new MixerContext(batch.Segments)
        {
            Routing = routing,
            Causal = _causal,
            KeyMask = batch.KeyMask ?? default,
            UniformRows = batch.UniformRows ?? default,
            State = batch.State,
            PairMask = batch.PairMask is { IsEmpty: false } visible ? new PairMask(visible, batch.Segments) : null,
            ScoreBias = _scoreBias?.Whole(pass.Tape, batch),
            StepBiases = _scoreBias?.Steps(pass.Tape, batch),
        }, inputs: inputs);
        batch.State?.Advance(batch.Segments);
        if (pass.Trace is not null)
            pass.Trace.Routing = routing;
        return new BackboneOutput
        {
            Hidden = x,
            Pooled = _pooler?.Forward(pass.Tape, x, batch.Segments),
            Layers = [.. inputs.Skip(1), x],
            Batch = batch,
            AuxiliaryLoss = routing is null ? null : RouterLosses!.Of(pass.Tape, routing, batch.Segments),
        };
    }
}
