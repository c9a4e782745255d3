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
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["BertModel"] = [],
        ["BertForMaskedLM"] = [HeadKind.MaskedLm],
        ["BertLMHeadModel"] = [HeadKind.CausalLm],
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
    public IReadOnlyList<string> Redundant => BertNames.Redundant;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> EarlierNames => BertNames.Earlier;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads);
        IHead Head(HeadRequest request) => PostNormEncoder.ScoresTokens(request.Kind)
            ? encoder.LanguageModel(request.Kind, embedding)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), encoder.Tied ? Tied : Untied, config.Node);
    }

    private static readonly ParameterNames Tied = BertNames.Add(new ParameterNames(), "bert.");
    private static readonly ParameterNames Untied = BertNames.Add(new ParameterNames(), "bert.", tied: false);
}
