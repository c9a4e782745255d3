using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Blocks.Feedback;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Feedback;

/// <summary>
/// Feedback Transformer (Fan et al. 2020, arXiv:2002.09402): strictly one step after another, so that low layers can read what high layers made of
/// the past. Names and keys are those of the published program.
/// </summary>
public sealed class FeedbackFamily : IFamily
{
    private const string LanguageModel = "FeedbackLM";

    /// <inheritdoc/>
    public string ModelType => "feedback";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        [LanguageModel] = [HeadKind.CausalLm],
        ["FeedbackForSequenceClassification"] = [HeadKind.SequenceClassification],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*.adaptive_span.mask.mask_template"];

    /// <inheritdoc/>
    public string? ArchitectureOf(JsonFields config) =>
        config.StringArrayOrNull("architectures") is [var first, ..] ? first : LanguageModel;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        FeedbackShape shape = Shape(config);
        int vocabulary = config.Extent("vocab_size");
        Initializer spread = Initializer.Normal(1 / MathF.Sqrt(shape.Width));
        var embedding = new TokenEmbedding(new EmbeddingShape(vocabulary, shape.Width) { Dropout = config.Fraction("emb_dropout", 0), Initializer = spread });
        IHead Head(HeadRequest request) => request.Kind == HeadKind.CausalLm
            ? new VocabularyHead(request.Kind, new Parameter([vocabulary, shape.Width], spread, ParameterRole.Weight), tied: false, bias: true)
            : request.Kind == HeadKind.SequenceClassification
                ? new LastTokenClassificationHead(shape.Width, request.Classes, config.TokenId("pad_token_id"), spread)
                : throw UnknownHead.Of(this, request.Kind);
        return new Model(new FeedbackBackbone(embedding, new FeedbackStack(shape)), heads.Select(Head), Names, config.Node);
    }

    private static FeedbackShape Shape(JsonFields config)
    {
        string norm = config.String("norm", "pre");
        if (norm is not ("pre" or "post"))
            throw config.Error("norm", "pre or post");
        int width = config.Extent("hidden_size"), heads = config.Extent("num_heads");
        int headWidth = config.ExtentOrNull("head_dim") ?? width / config.Heads("num_heads", width);
        if ((long)heads * headWidth > ConfigFields.MaxExtent)
            throw config.Error("head_dim", $"a width that makes at most {ConfigFields.MaxExtent} numbers in {heads} heads");
        return new FeedbackShape(width, heads, headWidth, config.Extent("ffn_size", 4 * width), config.Layers("num_layers"), config.Extent("attention_span"))
        {
            BlockSize = config.Extent("block_size", 64),
            PreNorm = norm == "pre",
            Feedback = config.Bool("feedback", true),
            SharedKeys = config.Bool("share_key_value_projections", false),
            Activation = config.Activation("activation", "relu"),
            Epsilon = config.Epsilon("layer_norm_eps", 1e-5f),
            Dropout = config.Fraction("dropout", 0),
            AdaptiveSpan = config.Bool("adapt_span", config.Bool("adapt_span_enabled", false)) ? Span(config) : null,
        };
    }

    // The older program of the same authors has other names for the switch and the ramp.
    private static AdaptiveSpanOptions Span(JsonFields config)
    {
        const string ramp = "adapt_span_len", penalty = "adapt_span_loss";
        var options = new AdaptiveSpanOptions((float)config.Float(ramp, config.Float("adapt_span_ramp", 32)))
        {
            Start = config.Fraction("adapt_span_init", 0),
            Penalty = (float)config.Float(penalty, 0),
            SharedByHeads = config.Bool("adapt_span_layer", false),
        };
        if (options.Ramp is not (> 0 and <= ConfigFields.MaxExtent))
            throw config.Error(ramp, $"a number of steps above 0 and at most {ConfigFields.MaxExtent}");
        return options.Penalty is >= 0 and <= 1 ? options : throw config.Error(penalty, "what a step of span costs, from 0 to 1");
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "in_emb.weight",
        ["backbone.layers.positions"] = "layers.0.attn.attn.key_pe",
        ["backbone.layers.mixture"] = "single_memory_attn_params",
        ["backbone.layers.mixtureBuffer"] = "single_memory_attn_buf",
        ["backbone.layers.norm.*"] = "out_norm.*",
        ["backbone.layers.{n}.mixer.query.*"] = "layers.{n}.attn.proj_query.*",
        ["backbone.layers.{n}.mixer.key.*"] = "layers.{n}.attn.proj_key.*",
        ["backbone.layers.{n}.mixer.value.*"] = "layers.{n}.attn.proj_val.*",
        ["backbone.layers.{n}.mixer.output.*"] = "layers.{n}.attn.proj_out.*",
        ["backbone.layers.{n}.mixer.span.ratio"] = "layers.{n}.attn.attn.adaptive_span.mask.size_ratio",
        ["backbone.layers.{n}.attentionNorm.*"] = "layers.{n}.norm1.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "layers.{n}.norm2.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "layers.{n}.ff.fc1.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "layers.{n}.ff.fc2.*",
        ["causal-lm.table"] = "out.out_emb.weight",
        ["causal-lm.bias"] = "out.out_emb.bias",
        ["sequence-classification.score.*"] = "score.*",
    };
}
