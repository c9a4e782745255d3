using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.ConvSeq2Seq;

/// <summary>
/// Pre-trained convolutions (Tay et al. 2021, arXiv:2105.03322): T5's encoder-decoder with gated depthwise, lightweight, dynamic or dilated
/// convolutions in place of self-attention. Attention to the encoder stays.
/// </summary>
public sealed class ConvSeq2SeqFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "convseq2seq";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["ConvSeq2SeqLM"] = [HeadKind.SequenceToSequenceLm],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["lm_head.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("d_model");
        bool tied = config.Bool("tie_embeddings", true);
        SequenceHalf encoder = Half(config, "encoder", width, null);
        SequenceHalf decoder = Half(config, "decoder", width, encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? new VocabularyHead(
                request.Kind, tied ? backbone.TokenTable : new Parameter(backbone.TokenTable.Shape, Initializer.Normal(1), ParameterRole.Weight), tied, bias: false)
            {
                Scale = tied ? 1 / MathF.Sqrt(width) : 1,
                ZLoss = config.Fraction("z_loss", 0),
            }
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static SequenceHalf Half(JsonFields config, string side, int width, Parameter? table)
    {
        bool decoder = side == "decoder";
        float dropout = config.Fraction("dropout", 0);
        float epsilon = config.Epsilon("norm_eps", 1e-6f);
        NormKind normKind = config.String("norm", "rms") switch
        {
            "rms" => NormKind.RootMeanSquare,
            "layer" => NormKind.Layer,
            _ => throw config.Error("norm", "rms or layer"),
        };
        NormPlacement placement = config.String("norm_placement", "pre") switch
        {
            "pre" => NormPlacement.Before,
            "output" => NormPlacement.OnUpdate,
            _ => throw config.Error("norm_placement", "pre or output"),
        };
        bool learned = config.String("positions", "none") switch
        {
            "learned" => true,
            "none" => false,
            _ => throw config.Error("positions", "none or learned"),
        };
        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = learned ? config.Extent("max_length", 512) : 0,
            SharedTokens = table,
            Dropout = dropout,
            Initializer = Initializer.Normal(1),
        });
        IReadOnlyList<int> taps = config.SizesByLayer($"{side}_kernel_sizes");
        IReadOnlyList<int> dilations = config.SizesByLayer($"{side}_dilations", [.. taps.Select(_ => 1)]);
        if (dilations.Count != taps.Count)
            throw config.Error($"{side}_dilations", $"a dilation for each of the {taps.Count} kernel sizes");
        Norm Norm() => new(width, epsilon, normKind);
        Block Layer(int taps, int dilation)
        {
            int inner = config.Extent("d_ff");
            var feedForward = new FeedForward(
                Map(width, inner), Map(inner, width), config.Activation("activation", "relu"), dropout);
            ConvolutionMixer mixer = Mixer(config, width, taps, dilation);
            return decoder
                ? new Block(mixer, Norm(), new CrossAttention(Attention(config, width, dropout)), Norm(), feedForward, Norm(), placement, dropout)
                : new Block(mixer, Norm(), feedForward, Norm(), placement, dropout);
        }
        Block[] blocks = [.. taps.Zip(dilations, Layer)];
        return new SequenceHalf(embedding, new Stack(blocks, config.Bool("final_norm", true) ? Norm() : null) { FinalDropout = dropout });
    }

    private static ConvolutionMixer Mixer(JsonFields config, int width, int taps, int dilation)
    {
        string type = config.String("conv_type", "lightweight");
        int heads = type == "depthwise" ? width : config.Heads("conv_heads", width);
        var shape = new ConvolutionShape(width, heads, taps) { Dilation = dilation, Softmax = type != "depthwise", Bias = config.Bool("conv_bias", false) };
        ISequenceConvolution convolution = type switch
        {
            "depthwise" or "lightweight" => new LightweightConvolution(shape),
            "dynamic" => new DynamicConvolution(shape),
            _ => throw config.Error("conv_type", "depthwise, lightweight or dynamic"),
        };
        return new ConvolutionMixer(convolution, new ConvolutionProjections
        {
            Input = Map(width, width),
            Gate = Map(width, width),
            Pointwise = config.Bool("pointwise", false) ? new Linear(width, width, Initializer.Glorot(width, width)) : null,
            Output = Map(width, width),
        });
    }

    private static AttentionShape Attention(JsonFields config, int width, float dropout) => new(width, config.Extent("num_heads"))
    {
        HeadWidth = config.Extent("d_kv"),
        Scale = config.String("attention_scale", "none") switch
        {
            "none" => 1,
            "sqrt" => null,
            _ => throw config.Error("attention_scale", "none or sqrt"),
        },
        Bias = false,
        OutputBias = false,
        Dropout = dropout,
        Initializer = Initializer.Normal(1 / MathF.Sqrt(width)),
    };

    private static Linear Map(int inputs, int outputs) => new(inputs, outputs, Initializer.Normal(1 / MathF.Sqrt(inputs)), bias: false);

    private static readonly ParameterNames Names = Sides(new ParameterNames
    {
        ["backbone.encoder.embedding.tokens"] = "shared.weight",
        ["seq2seq-lm.table"] = "lm_head.weight",
    });

    private static ParameterNames Sides(ParameterNames names)
    {
        foreach (string side in (string[])["encoder", "decoder"])
        {
            names[$"backbone.{side}.embedding.positions"] = $"{side}.positions.weight";
            names[$"backbone.{side}.layers.norm.*"] = $"{side}.final_norm.*";
            foreach ((string path, string name) in Layer)
                names[$"backbone.{side}.layers." + "{n}." + path] = $"{side}.layers." + "{n}." + name;
        }
        return names;
    }

    private static IReadOnlyList<(string Path, string Name)> Layer =>
    [
        ("mixer.input.*", "conv.gate_linear.*"), ("mixer.gate.*", "conv.gate_sigmoid.*"), ("mixer.pointwise.*", "conv.pointwise.*"),
        ("mixer.output.*", "conv.out.*"), ("mixer.convolution.kernel", "conv.kernel"), ("mixer.convolution.bias", "conv.conv_bias"),
        ("mixer.convolution.predictor.*", "conv.kernel_predictor.*"), ("mixerNorm.*", "conv_norm.*"),
        ("cross.query.*", "cross.q.*"), ("cross.key.*", "cross.k.*"), ("cross.value.*", "cross.v.*"), ("cross.output.*", "cross.o.*"),
        ("crossNorm.*", "cross_norm.*"), ("feedForward.up.*", "ffn.wi.*"), ("feedForward.down.*", "ffn.wo.*"), ("feedForwardNorm.*", "ffn_norm.*"),
    ];
}
