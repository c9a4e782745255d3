using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.DistilBert;

/// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): half of BERT's layers, no token types, no pooler.</summary>
public sealed class DistilBertFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "distilbert";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["DistilBertModel"] = [],
        ["DistilBertForMaskedLM"] = [HeadKind.MaskedLm],
        ["DistilBertForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["DistilBertForTokenClassification"] = [HeadKind.TokenClassification],
        ["DistilBertForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["DistilBertForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "distilbert.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "vocab_projector.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("dim"), layers = config.Layers("n_layers"), attentionHeads = config.Heads("n_heads", width);
        float dropout = config.Fraction("dropout", 0.1f);
        var encoder = new PostNormEncoder
        {
            Vocabulary = config.Extent("vocab_size"),
            Width = width,
            EmbeddingWidth = width,
            Layers = layers,
            Heads = attentionHeads,
            PrunedHeads = config.PrunedHeads(layers, attentionHeads),
            InnerWidth = config.Extent("hidden_dim"),
            Positions = config.Extent("max_position_embeddings"),
            PositionInitializer = config.Bool("sinusoidal_pos_embds", false) ? new SinusoidInitializer(width) : null,
            PaddingId = config.TokenId("pad_token_id"),
            Activation = config.Activation("activation", "gelu"),
            Epsilon = 1e-12f,
            Dropout = dropout,
            AttentionDropout = config.Fraction("attention_dropout", 0.1f),
            ClassifierDropout = dropout,
            Deviation = config.Deviation("initializer_range", 0.02f),
            Tied = config.Bool("tie_word_embeddings", true),
        };
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads, hasPooler: false);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.MaskedLm => encoder.LanguageModel(kind, embedding),
            var kind when kind == HeadKind.SequenceClassification || kind == HeadKind.MultipleChoice => new FirstTokenClassificationHead(
                width, kind == HeadKind.MultipleChoice ? 1 : request.Classes, Activation.Relu, config.Fraction("seq_classif_dropout", 0.2f),
                dropsInput: false, encoder.Initializer)
            {
                Kind = kind,
            },
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, encoder.Initializer, config.Fraction("qa_dropout", 0.1f)),
            var kind when PostNormEncoder.ReadsPooler(kind) => throw UnknownHead.Of(this, kind),
            _ => encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "distilbert.embeddings.word_embeddings.weight",
        ["backbone.embedding.positions"] = "distilbert.embeddings.position_embeddings.weight",
        ["backbone.embedding.norm.*"] = "distilbert.embeddings.LayerNorm.*",
        ["backbone.layers.{n}.mixer.query.*"] = "distilbert.transformer.layer.{n}.attention.q_lin.*",
        ["backbone.layers.{n}.mixer.key.*"] = "distilbert.transformer.layer.{n}.attention.k_lin.*",
        ["backbone.layers.{n}.mixer.value.*"] = "distilbert.transformer.layer.{n}.attention.v_lin.*",
        ["backbone.layers.{n}.mixer.output.*"] = "distilbert.transformer.layer.{n}.attention.out_lin.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "distilbert.transformer.layer.{n}.sa_layer_norm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "distilbert.transformer.layer.{n}.ffn.lin1.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "distilbert.transformer.layer.{n}.ffn.lin2.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "distilbert.transformer.layer.{n}.output_layer_norm.*",
        ["masked-lm.dense.*"] = "vocab_transform.*",
        ["masked-lm.norm.*"] = "vocab_layer_norm.*",
        ["masked-lm.table"] = "vocab_projector.weight",
        ["masked-lm.bias"] = "vocab_projector.bias",
        ["sequence-classification.dense.*"] = "pre_classifier.*",
        ["sequence-classification.output.*"] = "classifier.*",
        ["multiple-choice.dense.*"] = "pre_classifier.*",
        ["multiple-choice.output.*"] = "classifier.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
