using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

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
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.MaskedLm
            ? encoder.MaskedLm(embedding)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

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
