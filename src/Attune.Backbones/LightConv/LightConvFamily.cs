using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.LightConv;

/// <summary>
/// LightConv and DynamicConv (Wu et al. 2019, arXiv:1901.10430): encoder-decoders with gated convolutions in place of self-attention, whose
/// kernels are learned, or predicted at every position. Names and keys are those of fairseq's models.
/// </summary>
/// <param name="modelType"><c>lightconv</c> or <c>dynamicconv</c>: what a configuration that does not say is.</param>
public sealed class LightConvFamily(string modelType) : IFamily
{
    private const string Dynamic = "dynamic";
    private const string Lightweight = "lightweight";

    /// <inheritdoc/>
    public string ModelType => modelType;

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["LightConvModel"] = [HeadKind.SequenceToSequenceLm],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["encoder.version", "decoder.version", "decoder.embed_tokens.weight", "decoder.output_projection.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        bool shared = config.Bool("share_all_embeddings", true);
        int width = config.Extent("embed_dim");
        SequenceHalf encoder = Half(config, "encoder", width, null);
        SequenceHalf decoder = Half(config, "decoder", width, shared ? encoder.Embedding.Tokens : null);
        var backbone = new EncoderDecoderBackbone(width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? new VocabularyHead(
                request.Kind, shared ? backbone.TokenTable : new Parameter(backbone.TokenTable.Shape, Tables(width), ParameterRole.Weight), shared, bias: false)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    /// <summary>The token of padding: positions are counted from the number after it.</summary>
    internal static int PaddingId(JsonFields config) => config.TokenId("pad_id") ?? config.TokenId("pad_token_id") ?? 1;

    /// <summary>The convolution block of one layer.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="width">The model's width.</param>
    /// <param name="taps">The layer's kernel width.</param>
    /// <param name="dynamic">Whether the kernels are predicted.</param>
    internal static ConvolutionMixer Mixer(JsonFields config, int width, int taps, bool dynamic)
    {
        int channels = config.Extent("conv_dim", width);
        bool glu = config.Bool("glu", true);
        var shape = new ConvolutionShape(channels, config.Heads("num_heads", channels), taps)
        {
            Softmax = config.Bool("weight_softmax", true),
            KernelDropout = config.Fraction("weight_dropout", 0),
        };
        // Teacher forcing cuts kernels that are wider than the batch before the softmax, as the published models were trained.
        ISequenceConvolution convolution = dynamic
            ? new DynamicConvolution(shape, new DynamicKernelOptions { Selection = TapSelection.CutToLength, UnusedBias = true })
            : new LightweightConvolution(shape, middleAxis: true);
        return new ConvolutionMixer(convolution, new ConvolutionProjections
        {
            Input = Map(width, glu ? 2 * channels : channels),
            Glu = glu,
            Output = Map(channels, width),
        });
    }

    /// <summary>One layer; in decoders it has attention to the encoder.</summary>
    internal static Block Layer(JsonFields config, int width, int taps, bool dynamic, bool decoder)
    {
        int inner = config.Extent("ffn_dim");
        float dropout = config.Fraction("dropout", 0);
        float epsilon = config.Epsilon("layer_norm_eps", 1e-5f);
        NormPlacement placement = config.String("norm", "post") switch
        {
            "post" => NormPlacement.After,
            "pre" => NormPlacement.Before,
            _ => throw config.Error("norm", "pre or post"),
        };
        Norm Norm() => new(width, epsilon);
        ConvolutionMixer mixer = Mixer(config, width, taps, dynamic);
        var feedForward = new FeedForward(
            Map(width, inner), Map(inner, width), config.Activation("activation", "relu"), config.Fraction("relu_dropout", 0));
        if (!decoder)
            return new Block(mixer, Norm(), feedForward, Norm(), placement, dropout);
        var attention = new AttentionShape(width, config.Heads("num_heads", width))
        {
            Dropout = config.Fraction("attention_dropout", 0),
            Initializer = Initializer.Glorot(width, width),
        };
        return new Block(mixer, Norm(), new CrossAttention(attention), Norm(), feedForward, Norm(), placement, dropout);
    }

    private SequenceHalf Half(JsonFields config, string side, int width, Parameter? table)
    {
        int padding = PaddingId(config);
        config.RequireOnly("positions", "sinusoidal");
        config.RequireOnly("embed_scale", "sqrt(embed_dim)");
        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = config.Extent("max_positions", 1024) + padding + 1,
            PositionOffset = padding + 1,
            Sinusoidal = true,
            PaddingId = padding,
            SharedTokens = table,
            Scale = MathF.Sqrt(width),
            Dropout = config.Fraction("dropout", 0),
            Initializer = Tables(width),
        });
        string kind = config.String($"{side}_conv_type", modelType == "dynamicconv" ? Dynamic : Lightweight);
        if (kind is not (Dynamic or Lightweight))
            throw config.Error($"{side}_conv_type", $"{Lightweight} or {Dynamic}");
        Block[] blocks = [.. config.SizesByLayer($"{side}_kernel_sizes").Select(taps => Layer(config, width, taps, kind == Dynamic, side == "decoder"))];
        bool finalNorm = config.Bool("final_layer_norm", config.String("norm", "post") == "pre");
        return new SequenceHalf(embedding, new Stack(blocks, finalNorm ? new Norm(width, config.Epsilon("layer_norm_eps", 1e-5f)) : null));
    }

    private static Initializer Tables(int width) => Initializer.Normal(1 / MathF.Sqrt(width));

    private static Linear Map(int inputs, int outputs) => new(inputs, outputs, Initializer.Glorot(inputs, outputs));

    /// <summary>Names the parameters of a layer.</summary>
    /// <param name="names">Where the rules go.</param>
    /// <param name="path">What their paths begin with.</param>
    /// <param name="name">What their published names begin with.</param>
    /// <param name="decoder">Whether it is a decoder's.</param>
    internal static ParameterNames NameLayer(ParameterNames names, string path, string name, bool decoder)
    {
        names[path + "mixer.input.*"] = name + "linear1.*";
        names[path + "mixer.output.*"] = name + "linear2.*";
        NameConvolution(names, path + "mixer.convolution.", name + "conv.");
        names[path + "mixerNorm.*"] = name + (decoder ? "conv_layer_norm.*" : "layer_norm1.*");
        names[path + "feedForward.up.*"] = name + "fc1.*";
        names[path + "feedForward.down.*"] = name + "fc2.*";
        names[path + "feedForwardNorm.*"] = name + (decoder ? "final_layer_norm.*" : "layer_norm2.*");
        names[path + "crossNorm.*"] = name + "encoder_attn_layer_norm.*";
        foreach ((string part, string published) in ((string, string)[])[("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj"), ("output", "out_proj")])
            names[$"{path}cross.{part}.*"] = $"{name}encoder_attn.{published}.*";
        return names;
    }

    /// <summary>Names the parameters of a convolution without the maps around it.</summary>
    internal static ParameterNames NameConvolution(ParameterNames names, string path, string name)
    {
        names[path + "kernel"] = name + "weight";
        names[path + "predictor.*"] = name + "weight_linear.*";
        names[path + "unusedBias"] = name + "conv_bias";
        return names;
    }

    private static readonly ParameterNames Names = NameLayer(NameLayer(
        new ParameterNames
        {
            ["backbone.encoder.embedding.tokens"] = "encoder.embed_tokens.weight",
            ["backbone.decoder.embedding.tokens"] = "decoder.embed_tokens.weight",
            ["backbone.encoder.layers.norm.*"] = "encoder.layer_norm.*",
            ["backbone.decoder.layers.norm.*"] = "decoder.layer_norm.*",
            ["seq2seq-lm.table"] = "decoder.output_projection.weight",
        },
        "backbone.encoder.layers.{n}.", "encoder.layers.{n}.", decoder: false),
        "backbone.decoder.layers.{n}.", "decoder.layers.{n}.", decoder: true);
}
