using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Roberta;

/// <summary>
/// RoBERTa (Liu et al. 2019, arXiv:1907.11692): BERT's encoder with positions counted from the padding id on, one token type and
/// a classifier with a hidden layer.
/// </summary>
public sealed class RobertaFamily : IFamily
{
    // Where another table than the tokens' scores the vocabulary, the bias that counts is that of its layer.
    private const string TiedBias = "lm_head.bias", UntiedBias = "lm_head.decoder.bias";

    private const int DefaultPaddingId = 1;

    /// <inheritdoc/>
    public string ModelType => "roberta";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["RobertaModel"] = [],
        ["RobertaForMaskedLM"] = [HeadKind.MaskedLm],
        ["RobertaForCausalLM"] = [HeadKind.CausalLm],
        ["RobertaForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["RobertaForTokenClassification"] = [HeadKind.TokenClassification],
        ["RobertaForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["RobertaForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "roberta.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "lm_head.decoder.weight", UntiedBias, TiedBias];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> EarlierNames { get; } = new Dictionary<string, string> { [UntiedBias] = TiedBias };

    /// <inheritdoc/>
    public int? PaddingPositionOf(JsonFields config) => config.Int("pad_token_id", DefaultPaddingId);

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        encoder = encoder with { PaddingId = encoder.PaddingId ?? DefaultPaddingId, PaddingHasNoPosition = true };
        encoder = encoder with { PositionOffset = encoder.PaddingId!.Value + 1 };
        TokenEmbedding embedding = encoder.Embedding();
        // A multiple-choice model reads the pooler; the classifier has a hidden layer of its own in its place.
        HeadRequest[] pooled = [.. heads.Where(h => h.Kind != HeadKind.SequenceClassification)];
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), pooled, hasPooler: heads.Count == 0 || pooled.Length > 0);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when PostNormEncoder.ScoresTokens(kind) => encoder.LanguageModel(kind, embedding, Activation.Gelu),
            var kind when kind == HeadKind.SequenceClassification => new FirstTokenClassificationHead(
                encoder.Width, request.Classes, Activation.Tanh, encoder.ClassifierDropout, dropsInput: true, encoder.Initializer),
            // Its authors found that pre-training is better without it.
            var kind when kind == HeadKind.SentencePair => throw UnknownHead.Of(this, kind),
            _ => encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), encoder.Tied ? Tied : Untied, config.Node);
    }

    private static readonly ParameterNames Tied = Naming(TiedBias), Untied = Naming(UntiedBias);

    private static ParameterNames Naming(string bias) => new()
    {
        ["backbone.embedding.tokens"] = "roberta.embeddings.word_embeddings.weight",
        ["backbone.embedding.positions"] = "roberta.embeddings.position_embeddings.weight",
        ["backbone.embedding.types"] = "roberta.embeddings.token_type_embeddings.weight",
        ["backbone.embedding.norm.*"] = "roberta.embeddings.LayerNorm.*",
        ["backbone.layers.{n}.mixer.output.*"] = "roberta.encoder.layer.{n}.attention.output.dense.*",
        ["backbone.layers.{n}.mixer.*"] = "roberta.encoder.layer.{n}.attention.self.*",
        ["backbone.layers.{n}.mixerNorm.*"] = "roberta.encoder.layer.{n}.attention.output.LayerNorm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "roberta.encoder.layer.{n}.intermediate.dense.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "roberta.encoder.layer.{n}.output.dense.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "roberta.encoder.layer.{n}.output.LayerNorm.*",
        ["backbone.pooler.dense.*"] = "roberta.pooler.dense.*",
        ["masked-lm.dense.*"] = "lm_head.dense.*",
        ["masked-lm.norm.*"] = "lm_head.layer_norm.*",
        ["masked-lm.table"] = "lm_head.decoder.weight",
        ["masked-lm.bias"] = bias,
        ["causal-lm.dense.*"] = "lm_head.dense.*",
        ["causal-lm.norm.*"] = "lm_head.layer_norm.*",
        ["causal-lm.table"] = "lm_head.decoder.weight",
        ["causal-lm.bias"] = bias,
        ["sequence-classification.dense.*"] = "classifier.dense.*",
        ["sequence-classification.output.*"] = "classifier.out_proj.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["multiple-choice.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
    };
}
