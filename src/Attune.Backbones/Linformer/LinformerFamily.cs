using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Linformer;

/// <summary>
/// Linformer (Wang et al. 2020, arXiv:2006.04768): a bidirectional pre-norm Transformer whose attention reads keys and values shortened over
/// time, with learned positions and an output table of its own. Names and keys are those of its common PyTorch implementation.
/// </summary>
public sealed class LinformerFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "linformer";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["LinformerLM"] = [HeadKind.MaskedLm],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = [];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("dim"), length = config.Extent("seq_len");
        int vocabulary = config.ExtentOrNull("num_tokens") ?? config.Extent("vocab_size");
        int inner = width * config.Extent("ff_mult", 4);
        float epsilon = config.Epsilon("layer_norm_eps", 1e-5f), dropout = config.Fraction("dropout", 0);
        Initializer Spread(int inputs) => Initializer.Uniform(1 / MathF.Sqrt(inputs));
        config.RequireOnly("activation", "gelu (erf)");
        config.RequireOnly("norm", "pre, no final norm");
        config.RequireOnly("positions", "learned");
        int? headWidth = config.ExtentOrNull("dim_head");
        int headCount = headWidth is null ? config.Heads("heads", width) : config.Extent("heads");
        if ((long)headCount * (headWidth ?? 1) > ConfigFields.MaxExtent)
            throw config.Error("dim_head", $"a width that makes at most {ConfigFields.MaxExtent} numbers in {headCount} heads");
        var attention = new AttentionShape(width, headCount)
        {
            HeadWidth = headWidth ?? width / headCount,
            Bias = false,
            Dropout = dropout,
            Initializer = Spread(width),
        };
        var options = new LinformerOptions(length, config.Extent("k"))
        {
            ValuesAreKeys = config.Bool("share_kv", false),
            OneKeyHead = config.Bool("one_kv_head", false),
        };
        var embedding = new TokenEmbedding(new EmbeddingShape(vocabulary, width)
        {
            Positions = length,
            // torch's default for tables.
            Initializer = Initializer.Normal(1),
        });
        Block[] blocks = [.. Enumerable.Range(0, config.Layers("depth")).Select(_ => new Block(
            new LinformerAttention(attention, options), new Norm(width, epsilon),
            new FeedForward(new Linear(width, inner, Spread(width)), new Linear(inner, width, Spread(inner)), Activation.Gelu, dropout),
            new Norm(width, epsilon), NormPlacement.Before, dropout))];
        IHead Head(HeadRequest request) => request.Kind == HeadKind.MaskedLm
            ? new VocabularyHead(request.Kind, new Parameter([vocabulary, width], Spread(width), ParameterRole.Weight), tied: false, bias: true)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(new StackBackbone(width, embedding, new Stack(blocks), causal: false), heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "token_emb.weight",
        ["backbone.embedding.positions"] = "pos_emb.weight",
        ["backbone.layers.{n}.mixer.query.*"] = "linformer.net.layers.{n}.0.fn.to_q.*",
        ["backbone.layers.{n}.mixer.key.*"] = "linformer.net.layers.{n}.0.fn.to_k.*",
        ["backbone.layers.{n}.mixer.value.*"] = "linformer.net.layers.{n}.0.fn.to_v.*",
        ["backbone.layers.{n}.mixer.output.*"] = "linformer.net.layers.{n}.0.fn.to_out.*",
        ["backbone.layers.{n}.mixer.shortenKeys"] = "linformer.net.layers.{n}.0.fn.proj_k",
        ["backbone.layers.{n}.mixer.shortenValues"] = "linformer.net.layers.{n}.0.fn.proj_v",
        ["backbone.layers.{n}.mixerNorm.*"] = "linformer.net.layers.{n}.0.norm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "linformer.net.layers.{n}.1.fn.w1.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "linformer.net.layers.{n}.1.fn.w2.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "linformer.net.layers.{n}.1.norm.*",
        ["masked-lm.table"] = "to_logits.weight",
        ["masked-lm.bias"] = "to_logits.bias",
    };
}
