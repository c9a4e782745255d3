using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks;

/// <summary>One half of an encoder-decoder: from token ids to rows.</summary>
/// <param name="Embedding">From ids to rows; both halves may share one.</param>
/// <param name="Stack">The blocks.</param>
/// <param name="ScoreBias">Relative positions, added to the scores of every self-attention; null if there are none (T5 has them).</param>
public sealed record SequenceHalf(TokenEmbedding Embedding, Stack Stack, IScoreBias? ScoreBias = null)
{
    /// <summary>What the routers of its experts add to the loss; null if nothing.</summary>
    public RouterLosses? RouterLosses { get; init; }

    /// <summary>What is added to the embedding's rows where relative positions have gone.</summary>
    internal AddedPositions? Positions { get; init; }

    /// <summary>The same with other mixers; relative positions go with the ones that read them.</summary>
    internal SequenceHalf WithMixers(MixerSettings settings, int width, bool causal)
    {
        var replacement = new MixerReplacement(settings, causal ? Capabilities.Causal : Capabilities.Bidirectional, Embedding.MaxLength);
        Stack.ReplaceMixers(replacement, width);
        bool blind = ScoreBias is not null && !replacement.KnowsOrder;
        return this with { ScoreBias = null, Positions = blind ? new AddedPositions(width, Embedding.Spread) : null };
    }
}

/// <summary>An encoder, and a causal decoder that reads its output: the original Transformer, T5, BART, convolutional seq2seq.</summary>
public sealed class EncoderDecoderBackbone : Module, IEncoderDecoder, IHasTokenTable, IHasMixers
{
    private SequenceHalf _encoder;
    private SequenceHalf _decoder;

    /// <summary>Puts a backbone together.</summary>
    /// <param name="width">The width of the decoder's rows.</param>
    /// <param name="encoder">Reads the source.</param>
    /// <param name="decoder">Reads the target, and through its blocks the encoder's rows.</param>
    public EncoderDecoderBackbone(int width, SequenceHalf encoder, SequenceHalf decoder)
    {
        Width = width;
        _encoder = encoder;
        _decoder = decoder;
        OwnHalf("encoder", encoder);
        OwnHalf("decoder", decoder);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => _encoder.Embedding.MaxLength;

    /// <inheritdoc/>
    public int? MaxTargetLength => _decoder.Embedding.MaxLength;

    /// <summary>The decoder's token table, <c>[vocabulary, width]</c>, which output layers are tied to.</summary>
    public Parameter TokenTable => _decoder.Embedding.Tokens;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        (_encoder, _decoder) = (_encoder.WithMixers(settings, Width, causal: false), _decoder.WithMixers(settings, Width, causal: true));
        Remove("encoder.scoreBias");
        Remove("decoder.scoreBias");
    }

    /// <inheritdoc/>
    public BackboneOutput Encode(Pass pass, TokenBatch source)
    {
        Pass inner = pass with { Trace = pass.Trace?.Encoder };
        return Run(inner, _encoder, source, new MixerContext(source.Segments));
    }

    /// <inheritdoc/>
    public BackboneOutput Decode(Pass pass, TokenBatch target, BackboneOutput source) =>
        Run(pass, _decoder, target, new MixerContext(target.Segments) { Causal = true, Source = source }) with { Encoder = source };

    private static BackboneOutput Run(Pass pass, SequenceHalf half, TokenBatch batch, MixerContext context)
    {
        Tensor x = half.Embedding.Forward(pass.Tape, batch);
        x = half.Positions?.Add(pass.Tape, x, batch) ?? x;
        // What is decoded step by step has no loss.
        ExpertRouting? routing = half.RouterLosses is null || batch.State is not null ? null : new ExpertRouting();
        Tensor hidden = half.Stack.Forward(pass, x, context with
        {
            Routing = routing,
            KeyMask = batch.KeyMask ?? default,
            State = batch.State,
            ScoreBias = half.ScoreBias?.Whole(pass.Tape, batch),
            StepBiases = half.ScoreBias?.Steps(pass.Tape, batch),
        });
        batch.State?.Advance(batch.Segments);
        if (pass.Trace is not null)
            pass.Trace.Routing = routing;
        Tensor? auxiliary = routing is null ? null : half.RouterLosses!.Of(pass.Tape, routing, batch.Segments);
        return new BackboneOutput { Hidden = hidden, Batch = batch, AuxiliaryLoss = auxiliary };
    }

    private void OwnHalf(string name, SequenceHalf half)
    {
        Own(name + ".embedding", half.Embedding);
        Own(name + ".layers", half.Stack);
        if (half.ScoreBias is not null)
            Own(name + ".scoreBias", half.ScoreBias);
    }
}
