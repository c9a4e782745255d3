using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Albert;

/// <summary>
/// ALBERT (Lan et al. 2020, arXiv:1909.11942): BERT's blocks in a stack that shares them, behind a factorised embedding. Sharing of
/// attention only or of feed-forwards only, which the paper compares, is asked for by <c>sharing</c>.
/// </summary>
public sealed class AlbertFamily : IFamily
{
    // Where another table than the tokens' scores the vocabulary, the bias that counts is that of its layer.
    private const string TiedBias = "predictions.bias", UntiedBias = "predictions.decoder.bias";

    /// <inheritdoc/>
    public string ModelType => "albert";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["AlbertModel"] = [],
        ["AlbertForMaskedLM"] = [HeadKind.MaskedLm],
        ["AlbertForPreTraining"] = [HeadKind.MaskedLm, HeadKind.SentencePair],
        ["AlbertForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["AlbertForTokenClassification"] = [HeadKind.TokenClassification],
        ["AlbertForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["AlbertForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "albert.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "predictions.decoder.weight", UntiedBias, TiedBias];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> EarlierNames { get; } = new Dictionary<string, string> { [UntiedBias] = TiedBias };

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config) with
        {
            EmbeddingWidth = config.Extent("embedding_size", 128),
            ClassifierDropout = config.Fraction("classifier_dropout_prob", 0.1f),
            AlwaysProjects = true,
        };
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, SharedStack.Build(encoder, config), heads);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.MaskedLm
            ? encoder.LanguageModel(request.Kind, embedding)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), encoder.Tied ? Tied : Untied, config.Node);
    }

    private static readonly ParameterNames Tied = Naming(TiedBias), Untied = Naming(UntiedBias);

    private static ParameterNames Naming(string bias) => new()
    {
        ["backbone.embedding.tokens"] = "albert.embeddings.word_embeddings.weight",
        ["backbone.embedding.positions"] = "albert.embeddings.position_embeddings.weight",
        ["backbone.embedding.types"] = "albert.embeddings.token_type_embeddings.weight",
        ["backbone.embedding.norm.*"] = "albert.embeddings.LayerNorm.*",
        ["backbone.embedding.projection.*"] = "albert.encoder.embedding_hidden_mapping_in.*",
        ["backbone.layers.{g}.{i}.mixer.output.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.attention.dense.*",
        ["backbone.layers.{g}.{i}.mixer.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.attention.*",
        ["backbone.layers.{g}.{i}.mixerNorm.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.attention.LayerNorm.*",
        ["backbone.layers.{g}.{i}.feedForward.up.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.ffn.*",
        ["backbone.layers.{g}.{i}.feedForward.down.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.ffn_output.*",
        ["backbone.layers.{g}.{i}.feedForwardNorm.*"] = "albert.encoder.albert_layer_groups.{g}.albert_layers.{i}.full_layer_layer_norm.*",
        ["backbone.pooler.dense.*"] = "albert.pooler.*",
        ["masked-lm.dense.*"] = "predictions.dense.*",
        ["masked-lm.norm.*"] = "predictions.LayerNorm.*",
        ["masked-lm.table"] = "predictions.decoder.weight",
        ["masked-lm.bias"] = bias,
        ["sentence-pair.classifier.*"] = "sop_classifier.classifier.*",
        ["sequence-classification.classifier.*"] = "classifier.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["multiple-choice.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
