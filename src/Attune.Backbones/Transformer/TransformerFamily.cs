using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Transformer;

/// <summary>
/// The first Transformer (Vaswani et al. 2017, arXiv:1706.03762): a post-norm encoder-decoder with sinusoidal positions and one table for
/// source, target and output. It has no common library, so keys and names are Attune's own. A baseline for the others.
/// </summary>
public sealed class TransformerFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "transformer";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["TransformerSeq2SeqLM"] = [HeadKind.SequenceToSequenceLm],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = [];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("d_model");
        SequenceHalf encoder = Half(config, width, config.Layers("encoder_layers", 6), null);
        SequenceHalf decoder = Half(config, width, config.Layers("decoder_layers", 6), encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? new VocabularyHead(request.Kind, backbone.TokenTable, tied: true, bias: false)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static SequenceHalf Half(JsonFields config, int width, int layers, Parameter? shared)
    {
        const float epsilon = 1e-6f;
        float dropout = config.Fraction("dropout", 0.1f);
        int inner = config.Extent("d_ff", 4 * width);
        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = config.Extent("max_positions", 1024),
            Sinusoidal = true,
            PaddingId = config.TokenId("pad_token_id"),
            SharedTokens = shared,
            Scale = MathF.Sqrt(width),
            Dropout = dropout,
            Initializer = Initializer.Normal(1 / MathF.Sqrt(width)),
        });
        var attention = new AttentionShape(width, config.Heads("num_heads", width))
        {
            Dropout = config.Fraction("attention_dropout", 0),
            Initializer = Initializer.Glorot(width, width),
        };
        Norm Norm() => new(width, epsilon);
        Linear Map(int inputs, int outputs) => new(inputs, outputs, Initializer.Glorot(inputs, outputs));
        FeedForward FeedForward() => new(Map(width, inner), Map(inner, width), config.Activation("activation", "relu"), config.Fraction("relu_dropout", 0));
        Block[] blocks = [.. Enumerable.Range(0, layers).Select(_ => shared is not null
            ? new Block(new SelfAttention(attention), Norm(), new CrossAttention(attention), Norm(), FeedForward(), Norm(), NormPlacement.After, dropout)
            : new Block(new SelfAttention(attention), Norm(), FeedForward(), Norm(), NormPlacement.After, dropout))];
        return new SequenceHalf(embedding, new Stack(blocks));
    }

    // Nobody has published names: the paths are the names.
    private static readonly ParameterNames Names = new() { ["*"] = "*" };
}
