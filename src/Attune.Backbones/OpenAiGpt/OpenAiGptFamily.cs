using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.OpenAiGpt;

/// <summary>GPT (Radford et al. 2018): a causal post-norm Transformer with learned positions and a tied output.</summary>
public sealed class OpenAiGptFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "openai-gpt";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["OpenAIGPTModel"] = [],
        ["OpenAIGPTLMHeadModel"] = [HeadKind.CausalLm],
        ["OpenAIGPTForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["OpenAIGPTDoubleHeadsModel"] = [HeadKind.CausalLm, HeadKind.MultipleChoice],
        // The reference scores choices only beside words.
        ["OpenAIGPTForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*.attn.bias", "*position_ids", "lm_head.weight"];

    /// <inheritdoc/>
    public TokenTypes TokenTypesOf(JsonFields config) => TokenTypes.AsTokens;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("n_embd");
        float dropout = config.Fraction("resid_pdrop", 0.1f);
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-5f);
        Initializer normal = Initializer.Normal(config.Deviation("initializer_range", 0.02f));
        // The published code calls the tanh approximation plain "gelu".
        Activation activation = config.Activation("afn", "gelu") is Activation.Gelu ? Activation.GeluNew : config.Activation("afn", "gelu");

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
        };
        var blocks = Enumerable.Range(0, config.Layers("n_layer")).Select(_ => new Block(
            new SelfAttention(attention),
            new Norm(width, epsilon),
            new FeedForward(
                new Linear(width, 4 * width, normal, layout: WeightLayout.InOut),
                new Linear(4 * width, width, normal, layout: WeightLayout.InOut),
                activation),
            new Norm(width, epsilon),
            NormPlacement.After,
            dropout)).ToArray();
        var backbone = new StackBackbone(width, embedding, new Stack(blocks), causal: true);

        IHead Head(HeadRequest request) =>
            CausalHeads.ChoiceOrNull(config, width, normal, request)
            ?? CausalHeads.Common(config, embedding, width, normal, request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "transformer.tokens_embed.weight",
        ["backbone.embedding.positions"] = "transformer.positions_embed.weight",
        ["backbone.layers.{n}.mixer.packed.*"] = "transformer.h.{n}.attn.c_attn.*",
        ["backbone.layers.{n}.mixer.output.*"] = "transformer.h.{n}.attn.c_proj.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "transformer.h.{n}.ln_1.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "transformer.h.{n}.mlp.c_fc.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "transformer.h.{n}.mlp.c_proj.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "transformer.h.{n}.ln_2.*",
        ["causal-lm.table"] = "lm_head.weight",
        ["sequence-classification.score.*"] = "score.*",
        ["multiple-choice.output.*"] = "multiple_choice_head.summary.*",
    };
}
