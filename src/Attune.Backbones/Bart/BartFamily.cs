using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Bart;

/// <summary>
/// BART (Lewis et al. 2020, arXiv:1910.13461): a post-norm encoder-decoder with learned positions, a norm after the embedding and
/// one table for source, target and output.
/// </summary>
public sealed class BartFamily : IFamily
{
    // The first two rows of the position tables are never used; the published checkpoints have them.
    private const int PositionOffset = 2;

    /// <inheritdoc/>
    public string ModelType => "bart";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["BartModel"] = [],
        ["BartForConditionalGeneration"] = [HeadKind.SequenceToSequenceLm],
        ["BartForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["BartForQuestionAnswering"] = [HeadKind.QuestionAnswering],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "model.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embed_tokens.weight", "*shared.weight", "lm_head.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("d_model");
        // Relatives that share its name in early configurations differ in these.
        foreach (string key in (string[])["normalize_before", "add_final_layer_norm", "static_position_embeddings", "add_bias_logits"])
        {
            if (config.Bool(key, false))
                throw config.Error(key, "false");
        }
        if (!config.Bool("normalize_embedding", true))
            throw config.Error("normalize_embedding", "true");
        float dropout = config.Fraction("dropout", 0.1f);
        float classifierDropout = config.Fraction("classifier_dropout", 0);
        Initializer normal = Initializer.Normal(config.Deviation("init_std", 0.02f));
        SequenceHalf encoder = Half(config, "encoder", width, dropout, normal, null);
        bool tied = config.Bool("tie_word_embeddings", true), apart = !tied && LeavesTablesApart(config);
        SequenceHalf decoder = Half(config, "decoder", width, dropout, normal, apart ? null : encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.SequenceToSequenceLm => new VocabularyHead(
                kind, OutputTable.Of(backbone.TokenTable, tied, normal), tied,
                new Parameter([1, backbone.TokenTable.Shape[0]], Initializer.Zeros, ParameterRole.Buffer)),
            var kind when kind == HeadKind.SequenceClassification =>
                new EosClassificationHead(width, request.Classes, config.TokenId("eos_token_id") ?? 2, classifierDropout, normal),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, normal),
            var kind => throw UnknownHead.Of(this, kind),
        };
        return new Model(backbone, heads.Select(Head), apart ? Apart : Shared, config.Node);
    }

    // Up to version 4 of the reference encoder and decoder read one table even where the output has another.
    private static bool LeavesTablesApart(JsonFields config) =>
        config.StringOrNull("transformers_version") is { } version
        && int.TryParse(version.Split('.')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int major) && major >= 5;

    private static SequenceHalf Half(JsonFields config, string side, int width, float dropout, Initializer normal, Parameter? shared)
    {
        const float epsilon = 1e-5f;
        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width)
        {
            Positions = config.Extent("max_position_embeddings") + PositionOffset,
            PositionOffset = PositionOffset,
            PaddingId = config.TokenId("pad_token_id"),
            SharedTokens = shared,
            Scale = config.Bool("scale_embedding", false) ? MathF.Sqrt(width) : 1,
            NormEpsilon = epsilon,
            Dropout = dropout,
            Initializer = normal,
        });
        int inner = config.Extent($"{side}_ffn_dim");
        var attention = new AttentionShape(width, config.Heads($"{side}_attention_heads", width))
        {
            Dropout = config.Fraction("attention_dropout", 0),
            Initializer = normal,
        };
        Norm Norm() => new(width, epsilon);
        FeedForward FeedForward() => new(
            new Linear(width, inner, normal), new Linear(inner, width, normal),
            config.Activation("activation_function", "gelu"), config.Fraction("activation_dropout", 0));
        Block[] blocks = [.. Enumerable.Range(0, config.Layers($"{side}_layers")).Select(_ => side == "decoder"
            ? new Block(new SelfAttention(attention), Norm(), new CrossAttention(attention), Norm(), FeedForward(), Norm(), NormPlacement.After, dropout)
            : new Block(new SelfAttention(attention), Norm(), FeedForward(), Norm(), NormPlacement.After, dropout))];
        return new SequenceHalf(embedding, new Stack(blocks));
    }

    private static readonly ParameterNames Shared = Naming(encoderTokens: "model.shared.weight"), Apart = Naming(encoderTokens: "model.encoder.embed_tokens.weight");

    private static ParameterNames Naming(string encoderTokens) => Sides(new ParameterNames
    {
        ["backbone.encoder.embedding.tokens"] = encoderTokens,
        ["backbone.decoder.embedding.tokens"] = "model.decoder.embed_tokens.weight",
        ["seq2seq-lm.bias"] = "final_logits_bias",
        ["seq2seq-lm.table"] = "lm_head.weight",
        ["sequence-classification.dense.*"] = "classification_head.dense.*",
        ["sequence-classification.output.*"] = "classification_head.out_proj.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    });

    private static ParameterNames Sides(ParameterNames names)
    {
        foreach (string side in (string[])["encoder", "decoder"])
        {
            names[$"backbone.{side}.embedding.positions"] = $"model.{side}.embed_positions.weight";
            names[$"backbone.{side}.embedding.norm.*"] = $"model.{side}.layernorm_embedding.*";
            string path = $"backbone.{side}.layers." + "{n}.";
            string name = $"model.{side}.layers." + "{n}.";
            names[path + "mixerNorm.*"] = name + "self_attn_layer_norm.*";
            names[path + "crossNorm.*"] = name + "encoder_attn_layer_norm.*";
            names[path + "feedForwardNorm.*"] = name + "final_layer_norm.*";
            names[path + "feedForward.up.*"] = name + "fc1.*";
            names[path + "feedForward.down.*"] = name + "fc2.*";
            foreach ((string part, string published) in ((string, string)[])[("mixer", "self_attn"), ("cross", "encoder_attn")])
            {
                names[$"{path}{part}.query.*"] = $"{name}{published}.q_proj.*";
                names[$"{path}{part}.key.*"] = $"{name}{published}.k_proj.*";
                names[$"{path}{part}.value.*"] = $"{name}{published}.v_proj.*";
                names[$"{path}{part}.output.*"] = $"{name}{published}.out_proj.*";
            }
        }
        return names;
    }
}
