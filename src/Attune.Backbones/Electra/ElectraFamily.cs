using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Electra;

/// <summary>
/// ELECTRA (Clark et al. 2020, arXiv:2003.10555): BERT's encoder behind narrower embeddings, as generator (masked LM) or as
/// discriminator (replaced tokens).
/// </summary>
public sealed class ElectraFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "electra";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["ElectraModel"] = [],
        ["ElectraForMaskedLM"] = [HeadKind.MaskedLm],
        ["ElectraForPreTraining"] = [HeadKind.ReplacedToken],
        ["ElectraForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["ElectraForTokenClassification"] = [HeadKind.TokenClassification],
        ["ElectraForQuestionAnswering"] = [HeadKind.QuestionAnswering],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "electra.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "generator_lm_head.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        encoder = encoder with { EmbeddingWidth = config.Extent("embedding_size", encoder.Width) };
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads, hasPooler: false);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.MaskedLm => encoder.MaskedLm(embedding, Activation.Gelu),
            var kind when kind == HeadKind.ReplacedToken => new ReplacedTokenHead(encoder.Width, encoder.Activation, encoder.Initializer),
            var kind when kind == HeadKind.SequenceClassification => new FirstTokenClassificationHead(
                encoder.Width, request.Classes, Activation.Gelu, encoder.ClassifierDropout, dropsInput: true, encoder.Initializer),
            var kind when PostNormEncoder.ReadsPooler(kind) => throw UnknownHead.Of(this, kind),
            _ => encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.projection.*"] = "electra.embeddings_project.*",
        ["backbone.embedding.tokens"] = "electra.embeddings.word_embeddings.weight",
        ["backbone.embedding.positions"] = "electra.embeddings.position_embeddings.weight",
        ["backbone.embedding.types"] = "electra.embeddings.token_type_embeddings.weight",
        ["backbone.embedding.norm.*"] = "electra.embeddings.LayerNorm.*",
        ["backbone.layers.{n}.mixer.output.*"] = "electra.encoder.layer.{n}.attention.output.dense.*",
        ["backbone.layers.{n}.mixer.*"] = "electra.encoder.layer.{n}.attention.self.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "electra.encoder.layer.{n}.attention.output.LayerNorm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "electra.encoder.layer.{n}.intermediate.dense.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "electra.encoder.layer.{n}.output.dense.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "electra.encoder.layer.{n}.output.LayerNorm.*",
        ["masked-lm.dense.*"] = "generator_predictions.dense.*",
        ["masked-lm.norm.*"] = "generator_predictions.LayerNorm.*",
        ["masked-lm.table"] = "generator_lm_head.weight",
        ["masked-lm.bias"] = "generator_lm_head.bias",
        ["replaced-token.dense.*"] = "discriminator_predictions.dense.*",
        ["replaced-token.prediction.*"] = "discriminator_predictions.dense_prediction.*",
        ["sequence-classification.dense.*"] = "classifier.dense.*",
        ["sequence-classification.output.*"] = "classifier.out_proj.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
