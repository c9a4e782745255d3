using Attune.Backbones.Bert;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.SpanBert;

/// <summary>
/// SpanBERT (Joshi et al. 2020, arXiv:1907.10529): BERT's encoder with a head that tells the tokens of a span from its boundaries. The
/// masking of spans is an objective's. Names and keys are those of the published training program.
/// </summary>
public sealed class SpanBertFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "spanbert";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["SpanBertModel"] = [],
        ["SpanBertForPreTraining"] = [HeadKind.MaskedLm, HeadKind.SpanBoundary],
        ["SpanBertForPairPreTraining"] = [HeadKind.MaskedLm, HeadKind.SentencePair, HeadKind.SpanBoundary],
        ["SpanBertForMaskedLM"] = [HeadKind.MaskedLm],
        ["SpanBertForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["SpanBertForTokenClassification"] = [HeadKind.TokenClassification],
        ["SpanBertForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["SpanBertForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string? ArchitectureOf(JsonFields config) => config.StringArrayOrNull("architectures") is [var first, ..] ? first
        : !config.Has("max_pair_targets") ? null
        : config.Bool("next_sentence", false) ? "SpanBertForPairPreTraining" : "SpanBertForPreTraining";

    /// <inheritdoc/>
    public string BodyPrefix => "bert.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["bert.pooler.*", "cls.predictions.decoder.weight", "cls.pair_target_predictions.decoder.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.MaskedLm ? encoder.LanguageModel(request.Kind, embedding)
            : request.Kind == HeadKind.SpanBoundary ? Boundary(config, encoder, embedding)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static SpanBoundaryHead Boundary(JsonFields config, PostNormEncoder encoder, TokenEmbedding embedding)
    {
        int layer = config.Int("pair_target_layer", -1);
        if (layer < -encoder.Layers || layer >= encoder.Layers)
            throw config.Error("pair_target_layer", $"a layer, {-encoder.Layers} to {encoder.Layers - 1}");
        return new SpanBoundaryHead(Shape(config, encoder) with { Layer = layer }, embedding.Tokens, tied: true);
    }

    /// <summary>The shape of the boundary head.</summary>
    internal static BoundaryShape Shape(JsonFields config, PostNormEncoder encoder) =>
        new(encoder.Width, config.Extent("position_embedding_size", 200), config.Extent("max_pair_targets", 20), encoder.Epsilon, encoder.Activation)
        {
            Initializer = encoder.Initializer,
        };

    /// <summary>Adds the names of a boundary head.</summary>
    internal static ParameterNames NameBoundary(ParameterNames names, string path, string name)
    {
        string layers = name + "mlp_layer_norm.";
        names[path + "places"] = name + "position_embeddings.weight";
        names[path + "first.*"] = layers + "linear1.*";
        names[path + "firstNorm.weight"] = layers + "layer_norm1.gamma";
        names[path + "firstNorm.bias"] = layers + "layer_norm1.beta";
        names[path + "second.*"] = layers + "linear2.*";
        names[path + "secondNorm.weight"] = layers + "layer_norm2.gamma";
        names[path + "secondNorm.bias"] = layers + "layer_norm2.beta";
        names[path + "table"] = name + "decoder.weight";
        names[path + "bias"] = name + "bias";
        return names;
    }

    private static readonly ParameterNames Names =
        BertNames.Add(NameBoundary(new ParameterNames(), "span-boundary.", "cls.pair_target_predictions."), "bert.", "gamma", "beta");
}
