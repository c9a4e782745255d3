using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Gpt2;

/// <summary>GPT-2 (Radford et al. 2019): a causal pre-norm Transformer with learned positions and a tied output.</summary>
public sealed class Gpt2Family : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "gpt2";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["GPT2Model"] = [],
        ["GPT2LMHeadModel"] = [HeadKind.CausalLm],
        ["GPT2ForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["GPT2ForTokenClassification"] = [HeadKind.TokenClassification],
        ["GPT2ForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["GPT2DoubleHeadsModel"] = [HeadKind.CausalLm, HeadKind.MultipleChoice],
        // The reference scores choices only beside words.
        ["GPT2ForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*.attn.bias", "*.attn.masked_bias", "lm_head.weight"];

    /// <inheritdoc/>
    public TokenTypes TokenTypesOf(JsonFields config) => TokenTypes.AsTokens;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("n_embd");
        int layers = config.Layers("n_layer");
        int inner = config.ExtentOrNull("n_inner") ?? 4 * width;
        if (config.Bool("add_cross_attention", false))
            throw config.Error("add_cross_attention", "false", "A GPT-2 that reads an encoder is not supported.");
        float dropout = config.Fraction("resid_pdrop", 0.1f);
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-5f);
        float deviation = config.Deviation("initializer_range", 0.02f);
        Initializer normal = Initializer.Normal(deviation);
        // The sum over all residual branches keeps its variance whatever the depth.
        Initializer residual = Initializer.Normal(deviation / MathF.Sqrt(2 * layers));
        Activation activation = config.Activation("activation_function", "gelu_new");
        bool scaled = config.Bool("scale_attn_weights", true);
        bool byLayer = config.Bool("scale_attn_by_inverse_layer_idx", false);

        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = config.Extent("n_positions"),
            Dropout = config.Fraction("embd_pdrop", 0.1f),
            Initializer = normal,
        });
        var attention = new AttentionShape(width, config.Heads("n_head", width))
        {
            Packed = true,
            Layout = WeightLayout.InOut,
            Dropout = config.Fraction("attn_pdrop", 0.1f),
            Initializer = normal,
            OutputInitializer = residual,
        };
        IReadOnlyDictionary<int, IReadOnlyList<int>> pruned = config.PrunedHeads(layers, attention.Heads);
        float scale = scaled ? 1 / MathF.Sqrt(attention.HeadWidth) : 1;
        var blocks = Enumerable.Range(0, layers).Select(layer => new Block(
            new SelfAttention(attention with { Heads = attention.Heads - (pruned.GetValueOrDefault(layer)?.Count ?? 0), Scale = byLayer ? scale / (layer + 1) : scale }),
            new Norm(width, epsilon),
            new FeedForward(
                new Linear(width, inner, normal, layout: WeightLayout.InOut),
                new Linear(inner, width, residual, layout: WeightLayout.InOut),
                activation),
            new Norm(width, epsilon),
            NormPlacement.Before,
            dropout)).ToArray();
        var backbone = new StackBackbone(width, embedding, new Stack(blocks, new Norm(width, epsilon)), causal: true);

        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.TokenClassification => new TokenClassificationHead(
                width, request.Classes, config.FractionOrNull("classifier_dropout") ?? config.Fraction("hidden_dropout", 0.1f), normal),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, normal),
            var kind => CausalHeads.ChoiceOrNull(config, width, normal, request) ?? CausalHeads.Common(config, embedding, width, normal, request) ?? throw UnknownHead.Of(this, kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "transformer.wte.weight",
        ["backbone.embedding.positions"] = "transformer.wpe.weight",
        ["backbone.layers.{n}.mixer.packed.*"] = "transformer.h.{n}.attn.c_attn.*",
        ["backbone.layers.{n}.mixer.output.*"] = "transformer.h.{n}.attn.c_proj.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "transformer.h.{n}.ln_1.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "transformer.h.{n}.mlp.c_fc.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "transformer.h.{n}.mlp.c_proj.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "transformer.h.{n}.ln_2.*",
        ["backbone.layers.norm.*"] = "transformer.ln_f.*",
        ["causal-lm.table"] = "lm_head.weight",
        ["sequence-classification.score.*"] = "score.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
        ["multiple-choice.output.*"] = "multiple_choice_head.summary.*",
    };
}
