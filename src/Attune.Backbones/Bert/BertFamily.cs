using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Heads;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Bert;

/// <summary>BERT (Devlin et al. 2019, arXiv:1810.04805): a bidirectional post-norm Transformer with learned positions.</summary>
public sealed class BertFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "bert";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["BertModel"] = [],
        ["BertForMaskedLM"] = [HeadKind.MaskedLm],
        ["BertForPreTraining"] = [HeadKind.MaskedLm, HeadKind.SentencePair],
        ["BertForNextSentencePrediction"] = [HeadKind.SentencePair],
        ["BertForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["BertForTokenClassification"] = [HeadKind.TokenClassification],
        ["BertForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["BertForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "bert.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["*embeddings.position_ids", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Size("hidden_size");
        float dropout = config.Fraction("hidden_dropout_prob", 0.1f);
        float epsilon = config.Epsilon("layer_norm_eps", 1e-12f);
        Activation activation = config.Activation("hidden_act", "gelu");
        Initializer normal = Initializer.Normal(config.Deviation("initializer_range", 0.02f));

        var embedding = new TokenEmbedding(new EmbeddingShape(config.Size("vocab_size"), width)
        {
            Positions = config.Size("max_position_embeddings"),
            Types = config.Size("type_vocab_size", 2),
            PaddingId = config.IntOrNull("pad_token_id"),
            NormEpsilon = epsilon,
            Dropout = dropout,
            Initializer = normal,
        });
        var attention = new AttentionShape(width, config.Heads("num_attention_heads", width))
        {
            Dropout = config.Fraction("attention_probs_dropout_prob", 0.1f),
            Initializer = normal,
        };
        int inner = config.Size("intermediate_size");
        var blocks = Enumerable.Range(0, config.Size("num_hidden_layers")).Select(_ => new Block(
            new SelfAttention(attention),
            new Norm(width, epsilon),
            new FeedForward(new Linear(width, inner, normal), new Linear(inner, width, normal), activation),
            new Norm(width, epsilon),
            NormPlacement.After,
            dropout)).ToArray();
        bool pooled = heads.Count == 0 || heads.Any(h => NeedsPooler(h.Kind));
        var backbone = new StackBackbone(
            width, embedding, new Stack(blocks), causal: false, pooled ? new Pooler(width, normal) : null);

        float classifierDropout = config.FractionOrNull("classifier_dropout") ?? dropout;
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.MaskedLm => new VocabularyHead(
                kind, embedding.Tokens, config.Bool("tie_word_embeddings", true), bias: true,
                new Linear(width, width, normal), activation, new Norm(width, epsilon)),
            var kind when kind == HeadKind.SentencePair => new PooledClassificationHead(kind, width, 2, 0, normal),
            var kind when kind == HeadKind.SequenceClassification =>
                new PooledClassificationHead(kind, width, request.Classes, classifierDropout, normal),
            var kind when kind == HeadKind.MultipleChoice => new PooledClassificationHead(kind, width, 1, classifierDropout, normal),
            var kind when kind == HeadKind.TokenClassification =>
                new TokenClassificationHead(width, request.Classes, classifierDropout, normal),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, normal),
            var kind => throw new NotSupportedException($"BERT has no '{kind}' head."),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static bool NeedsPooler(HeadKind kind) =>
        kind == HeadKind.SentencePair || kind == HeadKind.SequenceClassification || kind == HeadKind.MultipleChoice;

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "bert.embeddings.word_embeddings.weight",
        ["backbone.embedding.positions"] = "bert.embeddings.position_embeddings.weight",
        ["backbone.embedding.types"] = "bert.embeddings.token_type_embeddings.weight",
        ["backbone.embedding.norm.*"] = "bert.embeddings.LayerNorm.*",
        ["backbone.layers.{n}.mixer.output.*"] = "bert.encoder.layer.{n}.attention.output.dense.*",
        ["backbone.layers.{n}.mixer.*"] = "bert.encoder.layer.{n}.attention.self.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "bert.encoder.layer.{n}.attention.output.LayerNorm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "bert.encoder.layer.{n}.intermediate.dense.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "bert.encoder.layer.{n}.output.dense.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "bert.encoder.layer.{n}.output.LayerNorm.*",
        ["backbone.pooler.dense.*"] = "bert.pooler.dense.*",
        ["masked-lm.dense.*"] = "cls.predictions.transform.dense.*",
        ["masked-lm.norm.*"] = "cls.predictions.transform.LayerNorm.*",
        ["masked-lm.table"] = "cls.predictions.decoder.weight",
        ["masked-lm.bias"] = "cls.predictions.bias",
        ["sentence-pair.classifier.*"] = "cls.seq_relationship.*",
        ["sequence-classification.classifier.*"] = "classifier.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["multiple-choice.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
