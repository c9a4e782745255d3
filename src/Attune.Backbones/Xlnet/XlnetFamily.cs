using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Xlnet;

/// <summary>XLNet (Yang et al. 2019, arXiv:1906.08237): two streams of attention by distances, so that tokens are predicted in any order.</summary>
public sealed class XlnetFamily : IFamily
{
    /// <summary>What its own attention can do, and others in its place only in part.</summary>
    internal const Capabilities OfMixers = Capabilities.TwoStream | Capabilities.Memory | Capabilities.FreeMask;

    /// <inheritdoc/>
    public string ModelType => "xlnet";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | OfMixers;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["XLNetModel"] = [],
        ["XLNetLMHeadModel"] = [HeadKind.MaskedLm],
        ["XLNetForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["XLNetForTokenClassification"] = [HeadKind.TokenClassification],
        ["XLNetForMultipleChoice"] = [HeadKind.MultipleChoice],
        ["XLNetForQuestionAnsweringSimple"] = [HeadKind.QuestionAnswering],
        ["XLNetForQuestionAnswering"] = [HeadKind.BeamQuestionAnswering],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["lm_loss.weight"];

    /// <inheritdoc/>
    public TokenTypes TokenTypesOf(JsonFields config) => TokenTypes.Compared;

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("d_model");
        if (width % 2 != 0)
            throw config.Error("d_model", "an even width: positions are pairs of a sine and a cosine");
        int headCount = config.Heads("n_head", width);
        if (config.Extent("d_head", width / headCount) != width / headCount)
            throw config.Error("d_head", $"d_model / n_head, {width / headCount}");
        bool causal = config.String("attn_type", "bi") switch
        {
            "bi" => false,
            "uni" => true,
            _ => throw config.Error("attn_type", "bi or uni"),
        };
        int inner = config.Extent("d_inner", 4 * width), clamp = config.Int("clamp_len", -1);
        bool tied = config.Bool("tie_word_embeddings", true);
        float dropout = config.Fraction("dropout", 0.1f), epsilon = config.Epsilon("layer_norm_eps", 1e-12f);
        Initializer normal = Initializer.Normal(config.Deviation("initializer_range", 0.02f));
        Activation activation = config.Activation("ff_activation", "gelu");

        var attention = new AttentionShape(width, headCount) { Dropout = dropout, Layout = WeightLayout.InOut, Initializer = normal };
        var options = new RelativeOptions { Relations = true, HeadAxis = true };
        Block Layer() => new(
            new RelativeAttention(attention, options), new Norm(width, epsilon),
            new FeedForward(new Linear(width, inner, normal), new Linear(inner, width, normal), activation, dropout),
            new Norm(width, epsilon), NormPlacement.After, dropout);
        var shape = new XlnetShape(width, causal)
        {
            MemoryLength = LengthOrNull(config, "mem_len"),
            ReuseLength = LengthOrNull(config, "reuse_len"),
            Clamp = clamp > 0 ? clamp : null,
            SameLength = config.Bool("same_length", false),
            BothDirections = config.Bool("bi_data", false),
            Dropout = dropout,
        };
        var embedding = new TokenEmbedding(new EmbeddingShape(config.Extent("vocab_size"), width) { Initializer = normal });
        var backbone = new XlnetBackbone(
            shape, embedding, normal, new Stack([.. Enumerable.Range(0, config.Layers("n_layer")).Select(_ => Layer())]));
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.MaskedLm =>
                new VocabularyHead(kind, OutputTable.Of(embedding.Tokens, tied, normal), tied, bias: true),
            var kind when kind == HeadKind.SequenceClassification => new SummaryHead(kind, width, request.Classes, config.Summary("last"), normal),
            var kind when kind == HeadKind.MultipleChoice => new SummaryHead(kind, width, 1, config.Summary("last"), normal),
            var kind when kind == HeadKind.TokenClassification => new TokenClassificationHead(width, request.Classes, 0, normal),
            var kind when kind == HeadKind.QuestionAnswering => new SpanHead(width, normal),
            var kind when kind == HeadKind.BeamQuestionAnswering => new BeamSpanHead(
                width, config.Size("start_n_top", 5), config.Size("end_n_top", 5), epsilon, normal),
            _ => throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    // No length and a length of 0 both keep everything, as in the reference.
    private static int? LengthOrNull(JsonFields config, string name) => config.IntOrNull(name) switch
    {
        null or 0 => null,
        > 0 and <= ConfigFields.MaxExtent and var length => length,
        _ => throw config.Error(name, $"a number of rows from 0 to {ConfigFields.MaxExtent}, or nothing for all"),
    };

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tokens"] = "transformer.word_embedding.weight",
        ["backbone.target"] = "transformer.mask_emb",
        ["backbone.layers.{n}.mixer.query.weight"] = "transformer.layer.{n}.rel_attn.q",
        ["backbone.layers.{n}.mixer.key.weight"] = "transformer.layer.{n}.rel_attn.k",
        ["backbone.layers.{n}.mixer.value.weight"] = "transformer.layer.{n}.rel_attn.v",
        ["backbone.layers.{n}.mixer.position.weight"] = "transformer.layer.{n}.rel_attn.r",
        ["backbone.layers.{n}.mixer.output.weight"] = "transformer.layer.{n}.rel_attn.o",
        ["backbone.layers.{n}.mixer.contentBias"] = "transformer.layer.{n}.rel_attn.r_w_bias",
        ["backbone.layers.{n}.mixer.positionBias"] = "transformer.layer.{n}.rel_attn.r_r_bias",
        ["backbone.layers.{n}.mixer.relationBias"] = "transformer.layer.{n}.rel_attn.r_s_bias",
        ["backbone.layers.{n}.mixer.relations"] = "transformer.layer.{n}.rel_attn.seg_embed",
        ["backbone.layers.{n}.mixerNorm.*"] = "transformer.layer.{n}.rel_attn.layer_norm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "transformer.layer.{n}.ff.layer_1.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "transformer.layer.{n}.ff.layer_2.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "transformer.layer.{n}.ff.layer_norm.*",
        ["masked-lm.table"] = "lm_loss.weight",
        ["masked-lm.bias"] = "lm_loss.bias",
        ["sequence-classification.summary.*"] = "sequence_summary.summary.*",
        ["sequence-classification.output.*"] = "logits_proj.*",
        ["multiple-choice.summary.*"] = "sequence_summary.summary.*",
        ["multiple-choice.output.*"] = "logits_proj.*",
        ["token-classification.classifier.*"] = "classifier.*",
        ["question-answering.outputs.*"] = "qa_outputs.*",
        ["beam-question-answering.start.*"] = "start_logits.dense.*",
        ["beam-question-answering.endDense.*"] = "end_logits.dense_0.*",
        ["beam-question-answering.endNorm.*"] = "end_logits.LayerNorm.*",
        ["beam-question-answering.endOutput.*"] = "end_logits.dense_1.*",
        ["beam-question-answering.answerDense.*"] = "answer_class.dense_0.*",
        ["beam-question-answering.answerOutput.*"] = "answer_class.dense_1.*",
    };
}
