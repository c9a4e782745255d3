using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.T5;

/// <summary>
/// T5 1.0 and 1.1 (Raffel et al. 2020, arXiv:1910.10683): an encoder-decoder with RMS norms before its sublayers, no biases,
/// unscaled scores and relative positions that all layers of a stack share.
/// </summary>
public sealed class T5Family : IFamily
{
    private const string EncoderArchitecture = "T5EncoderModel";

    /// <inheritdoc/>
    public string ModelType => "t5";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["T5Model"] = [],
        ["T5ForConditionalGeneration"] = [HeadKind.SequenceToSequenceLm],
        [EncoderArchitecture] = [],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["*embed_tokens.weight", "lm_head.weight", "*EncDecAttention.relative_attention_bias.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        T5Parts parts = T5Parts.Read(config);
        SequenceHalf encoder = parts.Half(parts.EncoderLayers, decoder: false, shared: null);
        if (heads.Count == 0 && config.StringArrayOrNull("architectures") is [EncoderArchitecture, ..])
        {
            var alone = new StackBackbone(parts.Width, encoder.Embedding, encoder.Stack, causal: false, scoreBias: encoder.ScoreBias);
            return new Model(alone, [], Names, config.Node);
        }
        SequenceHalf decoder = parts.Half(parts.DecoderLayers, decoder: true, encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(parts.Width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? parts.LanguageModel(backbone.TokenTable)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.(encoder.)embedding.tokens"] = "shared.weight",
        ["backbone.(encoder.)scoreBias.table"] = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
        ["backbone.decoder.scoreBias.table"] = "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
        ["backbone.decoder.layers.norm.*"] = "decoder.final_layer_norm.*",
        ["backbone.decoder.layers.{n}.mixer.query.*"] = "decoder.block.{n}.layer.0.SelfAttention.q.*",
        ["backbone.decoder.layers.{n}.mixer.key.*"] = "decoder.block.{n}.layer.0.SelfAttention.k.*",
        ["backbone.decoder.layers.{n}.mixer.value.*"] = "decoder.block.{n}.layer.0.SelfAttention.v.*",
        ["backbone.decoder.layers.{n}.mixer.output.*"] = "decoder.block.{n}.layer.0.SelfAttention.o.*",
        ["backbone.decoder.layers.{n}.mixerNorm.*"] = "decoder.block.{n}.layer.0.layer_norm.*",
        ["backbone.decoder.layers.{n}.cross.query.*"] = "decoder.block.{n}.layer.1.EncDecAttention.q.*",
        ["backbone.decoder.layers.{n}.cross.key.*"] = "decoder.block.{n}.layer.1.EncDecAttention.k.*",
        ["backbone.decoder.layers.{n}.cross.value.*"] = "decoder.block.{n}.layer.1.EncDecAttention.v.*",
        ["backbone.decoder.layers.{n}.cross.output.*"] = "decoder.block.{n}.layer.1.EncDecAttention.o.*",
        ["backbone.decoder.layers.{n}.crossNorm.*"] = "decoder.block.{n}.layer.1.layer_norm.*",
        ["backbone.decoder.layers.{n}.feedForward.gate.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi_0.*",
        ["backbone.decoder.layers.{n}.feedForward.value.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi_1.*",
        ["backbone.decoder.layers.{n}.feedForward.up.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi.*",
        ["backbone.decoder.layers.{n}.feedForward.down.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wo.*",
        ["backbone.decoder.layers.{n}.feedForwardNorm.*"] = "decoder.block.{n}.layer.2.layer_norm.*",
        ["backbone.(encoder.)layers.norm.*"] = "encoder.final_layer_norm.*",
        ["backbone.(encoder.)layers.{n}.mixer.query.*"] = "encoder.block.{n}.layer.0.SelfAttention.q.*",
        ["backbone.(encoder.)layers.{n}.mixer.key.*"] = "encoder.block.{n}.layer.0.SelfAttention.k.*",
        ["backbone.(encoder.)layers.{n}.mixer.value.*"] = "encoder.block.{n}.layer.0.SelfAttention.v.*",
        ["backbone.(encoder.)layers.{n}.mixer.output.*"] = "encoder.block.{n}.layer.0.SelfAttention.o.*",
        ["backbone.(encoder.)layers.{n}.mixerNorm.*"] = "encoder.block.{n}.layer.0.layer_norm.*",
        ["backbone.(encoder.)layers.{n}.feedForward.gate.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi_0.*",
        ["backbone.(encoder.)layers.{n}.feedForward.value.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi_1.*",
        ["backbone.(encoder.)layers.{n}.feedForward.up.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi.*",
        ["backbone.(encoder.)layers.{n}.feedForward.down.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wo.*",
        ["backbone.(encoder.)layers.{n}.feedForwardNorm.*"] = "encoder.block.{n}.layer.1.layer_norm.*",
        ["seq2seq-lm.table"] = "lm_head.weight",
    };
}
