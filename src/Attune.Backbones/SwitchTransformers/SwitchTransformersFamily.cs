using Attune.Backbones.T5;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.SwitchTransformers;

/// <summary>
/// Switch Transformer (Fedus et al. 2021, arXiv:2101.03961): T5 in which the feed-forward of every n-th block is a mixture of experts of limited
/// capacity, one for each token.
/// </summary>
public sealed class SwitchTransformersFamily : IFamily
{
    private const string EncoderArchitecture = "SwitchTransformersEncoderModel";
    private const int MaxExperts = 1 << 12;

    /// <inheritdoc/>
    public string ModelType => "switch_transformers";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["SwitchTransformersModel"] = [],
        ["SwitchTransformersForConditionalGeneration"] = [HeadKind.SequenceToSequenceLm],
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
        const string activation = "dense_act_fn";
        T5Parts parts = T5Parts.Read(config, activation);
        config.RequireOnly("router_dtype", "float32");
        if (parts.Gated)
            throw config.Error(activation, "an activation without a gate");
        SequenceHalf encoder = Half(config, parts, decoder: false, shared: null);
        if (heads.Count == 0 && config.StringArrayOrNull("architectures") is [EncoderArchitecture, ..])
        {
            var alone = new StackBackbone(parts.Width, encoder.Embedding, encoder.Stack, causal: false, scoreBias: encoder.ScoreBias)
            {
                RouterLosses = encoder.RouterLosses,
            };
            return new Model(alone, [], Names, config.Node);
        }
        SequenceHalf decoder = Half(config, parts, decoder: true, encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(parts.Width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? parts.LanguageModel(backbone.TokenTable)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static SequenceHalf Half(JsonFields config, T5Parts parts, bool decoder, Parameter? shared)
    {
        int layers = decoder ? parts.DecoderLayers : parts.EncoderLayers;
        string key = decoder ? "num_sparse_decoder_layers" : "num_sparse_encoder_layers";
        int sparse = config.Int(key, 3);
        if (sparse < 0)
            throw config.Error(key, "a number of layers");
        // The reference's own rounding: with step 2 every second block, beginning with the second, has experts.
        int step = sparse > 0 ? layers / sparse : layers;
        bool HasExperts(int layer) => step == 1 || step > 1 && layer % step == 1;
        SequenceHalf half = parts.Half(layers, decoder, shared, layer => HasExperts(layer) ? Experts(config, parts) : parts.FeedForward());
        // As the reference does, a stack of nothing but experts adds no losses.
        RouterLosses weights = new(config.Deviation("router_z_loss_coef", 0.001f), config.Deviation("router_aux_loss_coef", 0.001f));
        return half with { RouterLosses = step == 1 ? RouterLosses.None : weights };
    }

    private static ExpertFeedForward Experts(JsonFields config, T5Parts parts)
    {
        int experts = config.Extent("num_experts", 8);
        if (experts > MaxExperts)
            throw config.Error("num_experts", $"a number of at most {MaxExperts}");
        var router = new Linear(parts.Width, experts, Initializer.Normal(parts.Factor), config.Bool("router_bias", false));
        return new ExpertFeedForward(
            router, [.. Enumerable.Range(0, experts).Select(_ => parts.Plain())], config.Extent("expert_capacity", 64), config.Fraction("router_jitter_noise", 0.01f));
    }

    private static readonly ParameterNames Names = T5Names.Add(new ParameterNames
    {
        ["backbone.decoder.layers.{n}.feedForward.{e}.up.*"] = "decoder.block.{n}.layer.2.mlp.experts.expert_{e}.wi.*",
        ["backbone.decoder.layers.{n}.feedForward.{e}.down.*"] = "decoder.block.{n}.layer.2.mlp.experts.expert_{e}.wo.*",
        ["backbone.decoder.layers.{n}.feedForward.router.*"] = "decoder.block.{n}.layer.2.mlp.router.classifier.*",
        ["backbone.decoder.layers.{n}.feedForward.up.*"] = "decoder.block.{n}.layer.2.mlp.wi.*",
        ["backbone.decoder.layers.{n}.feedForward.down.*"] = "decoder.block.{n}.layer.2.mlp.wo.*",
        ["backbone.(encoder.)layers.{n}.feedForward.{e}.up.*"] = "encoder.block.{n}.layer.1.mlp.experts.expert_{e}.wi.*",
        ["backbone.(encoder.)layers.{n}.feedForward.{e}.down.*"] = "encoder.block.{n}.layer.1.mlp.experts.expert_{e}.wo.*",
        ["backbone.(encoder.)layers.{n}.feedForward.router.*"] = "encoder.block.{n}.layer.1.mlp.router.classifier.*",
        ["backbone.(encoder.)layers.{n}.feedForward.up.*"] = "encoder.block.{n}.layer.1.mlp.wi.*",
        ["backbone.(encoder.)layers.{n}.feedForward.down.*"] = "encoder.block.{n}.layer.1.mlp.wo.*",
    });
}
