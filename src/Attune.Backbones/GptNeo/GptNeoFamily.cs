using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.GptNeo;

/// <summary>GPT-Neo (Black et al. 2021): GPT-2's wiring with unscaled scores and layers that see only a window of the past.</summary>
public sealed class GptNeoFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "gpt_neo";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["GPTNeoModel"] = [],
        ["GPTNeoForCausalLM"] = [HeadKind.CausalLm],
        ["GPTNeoForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["GPTNeoForTokenClassification"] = [HeadKind.TokenClassification],
        ["GPTNeoForQuestionAnswering"] = [HeadKind.QuestionAnswering],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*.attn.attention.bias", "*.attn.attention.masked_bias", "lm_head.weight"];

    /// <inheritdoc/>
    public TokenTypes TokenTypesOf(JsonFields config) => TokenTypes.AsTokens;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("hidden_size");
        int inner = config.ExtentOrNull("intermediate_size") ?? 4 * width;
        float dropout = config.Fraction("resid_dropout", 0);
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-5f);
        Initializer normal = Initializer.Normal(config.Deviation("initializer_range", 0.02f));
        int window = config.Extent("window_size", 256);

        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = config.Extent("max_position_embeddings"),
            Dropout = config.Fraction("embed_dropout", 0),
            Initializer = normal,
        });
        var attention = new AttentionShape(width, config.Heads("num_heads", width))
        {
            Scale = 1,
            Bias = false,
            Dropout = config.Fraction("attention_dropout", 0),
            Initializer = normal,
        };
        var blocks = LayerKinds(config).Select(kind => new Block(
            new SelfAttention(attention with { Window = kind == "local" ? window : null }),
            new Norm(width, epsilon),
            new FeedForward(new Linear(width, inner, normal), new Linear(inner, width, normal), config.Activation("activation_function", "gelu_new")),
            new Norm(width, epsilon),
            NormPlacement.Before,
            dropout)).ToArray();
        var backbone = new StackBackbone(width, embedding, new Stack(blocks, new Norm(width, epsilon)), causal: true);

        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.TokenClassification =>
                new TokenClassificationHead(width, request.Classes, config.Fraction("classifier_dropout", 0.1f), normal),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, normal),
            var kind => CausalHeads.Common(config, embedding, width, normal, request) ?? throw UnknownHead.Of(this, kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    /// <summary>"global" or "local" for each layer.</summary>
    private static IReadOnlyList<string> LayerKinds(JsonFields config)
    {
        int layers = config.Layers("num_layers");
        IReadOnlyList<string> kinds = config.StringArrayOrNull("attention_layers") ?? Repeated(config, layers)
            ?? [.. Enumerable.Range(0, layers).Select(layer => layer % 2 == 0 ? "global" : "local")];
        return kinds.Count == layers && kinds.All(k => k is "global" or "local")
            ? kinds
            : throw config.Error("attention_layers", $"{layers} times \"global\" or \"local\", one a layer");
    }

    /// <summary>The kinds as <c>attention_types</c> has them: lists of kinds, each with how often it comes. Null if there are none.</summary>
    private static List<string>? Repeated(JsonFields config, int layers)
    {
        const string key = "attention_types";
        if (config.Raw(key) is not JsonArray groups)
            return null;
        List<string> kinds = [];
        foreach (JsonNode? group in groups)
        {
            if (group is not JsonArray { Count: 2 } pair || pair[0] is not JsonArray names || pair[1]?.GetValueKind() != System.Text.Json.JsonValueKind.Number
                || !pair[1]!.AsValue().TryGetValue(out int times) || times < 0 || (long)times * names.Count > layers)
            {
                throw config.Error(key, "pairs of a list of \"global\" and \"local\" and how often it comes");
            }
            for (int i = 0; i < times; i++)
                kinds.AddRange(names.Select(name => name?.ToString() ?? ""));
        }
        return kinds;
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "transformer.wte.weight",
        ["backbone.embedding.positions"] = "transformer.wpe.weight",
        ["backbone.layers.{n}.mixer.query.*"] = "transformer.h.{n}.attn.attention.q_proj.*",
        ["backbone.layers.{n}.mixer.key.*"] = "transformer.h.{n}.attn.attention.k_proj.*",
        ["backbone.layers.{n}.mixer.value.*"] = "transformer.h.{n}.attn.attention.v_proj.*",
        ["backbone.layers.{n}.mixer.output.*"] = "transformer.h.{n}.attn.attention.out_proj.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "transformer.h.{n}.ln_1.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "transformer.h.{n}.mlp.c_fc.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "transformer.h.{n}.mlp.c_proj.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "transformer.h.{n}.ln_2.*",
        ["backbone.layers.norm.*"] = "transformer.ln_f.*",
        ["causal-lm.table"] = "lm_head.weight",
        ["sequence-classification.score.*"] = "score.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
