using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.T5;

/// <summary>
/// T5 1.0 and 1.1 (Raffel et al. 2020, arXiv:1910.10683): an encoder-decoder with RMS norms before its sublayers, no biases,
/// unscaled scores and relative positions that all layers of a stack share.
/// </summary>
public sealed class T5Family : IFamily
{
    private const string EncoderArchitecture = "T5EncoderModel";

    /// <inheritdoc/>
    public string ModelType => "t5";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["T5Model"] = [],
        ["T5ForConditionalGeneration"] = [HeadKind.SequenceToSequenceLm],
        ["T5ForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["T5ForTokenClassification"] = [HeadKind.TokenClassification],
        ["T5ForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        [EncoderArchitecture] = [],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["*embed_tokens.weight", "lm_head.weight", "*EncDecAttention.relative_attention_bias.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        T5Parts parts = T5Parts.Read(config);
        SequenceHalf encoder = parts.Half(parts.EncoderLayers, decoder: false, shared: null);
        // Tokens are classified by the encoder alone.
        bool alone = heads.Count == 0 ? config.StringArrayOrNull("architectures") is [EncoderArchitecture, ..] : heads.All(h => h.Kind == HeadKind.TokenClassification);
        if (alone)
        {
            var body = new StackBackbone(parts.Width, encoder.Embedding, encoder.Stack, causal: false, scoreBias: encoder.ScoreBias);
            return new Model(body, heads.Select(h => new TokenClassificationHead(parts.Width, h.Classes, ClassifierDropout(config), parts.Initializer)), NamesOf(heads), config.Node);
        }
        SequenceHalf decoder = parts.Half(parts.DecoderLayers, decoder: true, encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(parts.Width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.SequenceToSequenceLm => parts.LanguageModel(backbone.TokenTable),
            var kind when kind == HeadKind.SequenceClassification => new EosClassificationHead(
                parts.Width, request.Classes, config.TokenId("eos_token_id") ?? 1, ClassifierDropout(config), parts.Initializer),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(parts.Width, parts.Initializer),
            var kind => throw UnknownHead.Of(this, kind),
        };
        return new Model(backbone, heads.Select(Head), NamesOf(heads), config.Node);
    }

    private static float ClassifierDropout(JsonFields config) => config.Fraction("classifier_dropout", 0);

    // Its classifiers hold the body as a part; all others are the body themselves.
    private static ParameterNames NamesOf(IReadOnlyList<HeadRequest> heads) =>
        heads.Any(h => h.Kind == HeadKind.SequenceClassification || h.Kind == HeadKind.TokenClassification) ? InClassifiers : Names;

    private static readonly ParameterNames Names = T5Names.Add(new ParameterNames { ["question-answering.outputs.*"] = "qa_outputs.*" });

    private static readonly ParameterNames InClassifiers = T5Names.Add(
        new ParameterNames
        {
            ["sequence-classification.dense.*"] = "classification_head.dense.*",
            ["sequence-classification.output.*"] = "classification_head.out_proj.*",
            ["token-classification.classifier.*"] = "classifier.*",
        },
        "transformer.");
}
