using Attune.Backbones.Bert;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Ernie;

/// <summary>
/// ERNIE of Baidu (Sun et al. 2019, arXiv:1904.09223; 2.0: arXiv:1907.12412): BERT's encoder, in version 2 with a task embedding.
/// What is new are its maskings and tasks, which are objectives.
/// </summary>
public sealed class ErnieFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "ernie";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["ErnieModel"] = [],
        ["ErnieForMaskedLM"] = [HeadKind.MaskedLm],
        ["ErnieForCausalLM"] = [HeadKind.CausalLm],
        ["ErnieForPreTraining"] = [HeadKind.MaskedLm, HeadKind.SentencePair],
        ["ErnieForNextSentencePrediction"] = [HeadKind.SentencePair],
        ["ErnieForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["ErnieForTokenClassification"] = [HeadKind.TokenClassification],
        ["ErnieForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["ErnieForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "ernie.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant => BertNames.Redundant;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> EarlierNames => BertNames.Earlier;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        if (config.Bool("use_task_id", false))
            encoder = encoder with { Tasks = config.Extent("task_type_vocab_size", 3) };
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads);
        IHead Head(HeadRequest request) => PostNormEncoder.ScoresTokens(request.Kind)
            ? encoder.LanguageModel(request.Kind, embedding)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), encoder.Tied ? Tied : Untied, config.Node);
    }

    private static readonly ParameterNames Tied = Naming(tied: true), Untied = Naming(tied: false);

    private static ParameterNames Naming(bool tied) => BertNames.Add(new ParameterNames
    {
        ["backbone.embedding.tasks"] = "ernie.embeddings.task_type_embeddings.weight",
    }, "ernie.", tied: tied);
}
