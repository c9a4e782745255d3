using Attune.Backbones.Bert;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones.ErnieThu;

/// <summary>
/// ERNIE of Tsinghua (Zhang et al. 2019, arXiv:1905.07129): BERT's encoder, whose upper layers read the vectors of entities that tokens are
/// aligned with. Names and keys are those of the published program.
/// </summary>
public sealed class ErnieThuFamily : IFamily
{
    private const string PreTraining = "ErnieThuForPreTraining", Typing = "ErnieThuForEntityTyping", Classification = "ErnieThuForSequenceClassification";
    private const string KindKey = "kind", TypingKind = "entity_typing", LayersKey = "layer_types";

    /// <inheritdoc/>
    public string ModelType => "ernie_thu";

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.Entities;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["ErnieThuModel"] = [],
        [PreTraining] = [HeadKind.MaskedLm, HeadKind.SentencePair, HeadKind.EntityAlignment],
        ["ErnieThuForEntityAlignment"] = [HeadKind.MaskedLm, HeadKind.EntityAlignment],
        ["ErnieThuForMaskedLM"] = [HeadKind.MaskedLm],
        [Classification] = [HeadKind.SequenceClassification],
        [Typing] = [HeadKind.SequenceClassification],
        ["ErnieThuForTokenClassification"] = [HeadKind.TokenClassification],
        ["ErnieThuForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["ErnieThuForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string? ArchitectureOf(JsonFields config) => config.StringArrayOrNull("architectures") is [var first, ..] ? first
        : config.StringOrNull(KindKey) switch
        {
            null => null,
            "pretraining" => PreTraining,
            TypingKind => Typing,
            "relation_classification" or "sequence_classification" => Classification,
            _ => throw config.Error(KindKey, $"pretraining, {TypingKind}, relation_classification or sequence_classification"),
        };

    /// <inheritdoc/>
    public string BodyPrefix => "bert.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["cls.predictions.decoder.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        IReadOnlyList<string> types = config.StringArray(LayersKey);
        if (types.Count is 0 or > ConfigFields.MaxLayers)
            throw config.Error(LayersKey, $"1 to {ConfigFields.MaxLayers} layers");
        PostNormEncoder encoder = PostNormEncoder.Read(config, config.Layers("num_hidden_layers", types.Count));
        int entityWidth = config.Extent("entity_size", 100);
        var entities = new AttentionShape(entityWidth, EntityHeads(config, entityWidth))
        {
            Dropout = encoder.AttentionDropout,
            Initializer = encoder.Initializer,
        };
        // Layers that are not listed are plain.
        Module Layer(int i) => (i < types.Count ? types[i] : "sim") switch
        {
            "sim" => encoder.Block(encoder.Mixer(), encoder.FeedForward()),
            "mix" => new EntityBlock(encoder, entities, attends: false),
            "norm" => new EntityBlock(encoder, entities, attends: true),
            _ => throw config.Error(LayersKey, "sim, mix or norm for each layer"),
        };
        TokenEmbedding embedding = encoder.Embedding();
        var backbone = new ErnieThuBackbone(
            encoder.Width, entityWidth, embedding, Enumerable.Range(0, encoder.Layers).Select(Layer),
            PostNormEncoder.NeedsPooler(heads) ? new Pooler(encoder.Width, encoder.Initializer) : null);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.MaskedLm ? encoder.LanguageModel(request.Kind, embedding)
            : request.Kind == HeadKind.EntityAlignment
                ? new EntityAlignmentHead(encoder.Width, entityWidth, encoder.Activation, encoder.Epsilon, encoder.Initializer)
            : request.Kind == HeadKind.SequenceClassification && config.StringOrNull(KindKey) == TypingKind
                ? new PooledClassificationHead(request.Kind, encoder.Width, request.Classes, encoder.ClassifierDropout, encoder.Initializer, bias: false)
            : encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), config.StringOrNull(KindKey) == TypingKind ? TypingNames : Names, config.Node);
    }

    private static int EntityHeads(JsonFields config, int width)
    {
        const string key = "entity_attention_heads";
        int heads = config.Extent(key, 4);
        return width % heads == 0 ? heads : throw config.Error(key, $"a divisor of the entities' width {width}");
    }

    private static ParameterNames WithEntities(ParameterNames names)
    {
        const string layer = "bert.encoder.layer.{n}.";
        names["backbone.layers.{n}.entityMixer.output.*"] = layer + "attention.output_ent.dense.*";
        names["backbone.layers.{n}.entityMixer.*"] = layer + "attention.self_ent.*";
        names["backbone.layers.{n}.entityMixerNorm.*"] = layer + "attention.output_ent.LayerNorm.*";
        names["backbone.layers.{n}.up.*"] = layer + "intermediate.dense.*";
        names["backbone.layers.{n}.entityUp.*"] = layer + "intermediate.dense_ent.*";
        names["backbone.layers.{n}.down.*"] = layer + "output.dense.*";
        names["backbone.layers.{n}.entityDown.*"] = layer + "output.dense_ent.*";
        names["backbone.layers.{n}.norm.*"] = layer + "output.LayerNorm.*";
        names["backbone.layers.{n}.entityNorm.*"] = layer + "output.LayerNorm_ent.*";
        names["entity-alignment.dense.*"] = "cls.predictions_ent.transform.dense.*";
        names["entity-alignment.norm.*"] = "cls.predictions_ent.transform.LayerNorm.*";
        return BertNames.Add(names, "bert.");
    }

    private static readonly ParameterNames Names = WithEntities(new ParameterNames());

    private static readonly ParameterNames TypingNames =
        WithEntities(new ParameterNames { ["sequence-classification.classifier.*"] = "typing.*" });
}
