using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.TransfoXl;

/// <summary>Transformer-XL (Dai et al. 2019, arXiv:1901.02860): attention by distances to a memory of earlier segments, adaptive input and output.</summary>
public sealed class TransfoXlFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "transfo-xl";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.Memory;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["TransfoXLModel"] = [],
        ["TransfoXLLMHeadModel"] = [HeadKind.CausalLm],
        ["TransfoXLForSequenceClassification"] = [HeadKind.SequenceClassification],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "transformer.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["*pos_emb.inv_freq", "crit.out_layers*", "crit.out_projs*", "*.dec_attn.r_w_bias", "*.dec_attn.r_r_bias"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("d_model");
        if (width % 2 != 0)
            throw config.Error("d_model", "an even width: positions are pairs of a sine and a cosine");
        Refuse(config, "attn_type", 0, "other kinds of attention were never finished in the reference");
        Refuse(config, "sample_softmax", -1, "a sampled softmax is not supported");
        int memory = config.Int("mem_len", 1600);
        if (memory is < 0 or > ConfigFields.MaxExtent)
            throw config.Error("mem_len", $"a number of rows from 0 to {ConfigFields.MaxExtent}");
        bool sameLength = config.Bool("same_length", true);
        if (sameLength && memory == 0)
            throw config.Error("same_length", "false where mem_len is 0: no row would see any other");
        int clamp = config.Int("clamp_len", 1000);
        float dropout = config.Fraction("dropout", 0.1f);
        Initializer normal = Normal(config, "init_std", 0.02f), projection = Normal(config, "proj_init_std", 0.01f);
        AdaptiveVocabulary vocabulary = Vocabulary(config, width);

        var attention = new AttentionShape(width, config.Extent("n_head", 16))
        {
            HeadWidth = config.Extent("d_head", 64),
            Dropout = config.Fraction("dropatt", 0),
            Packed = true,
            Initializer = normal,
        };
        var options = new RelativeOptions();
        if (!config.Bool("untie_r", true))
        {
            Parameter Shared() => new([attention.Heads, attention.HeadWidth], normal, ParameterRole.Bias);
            options = new RelativeOptions { ContentBias = Shared(), PositionBias = Shared() };
        }
        int inner = config.Extent("d_inner", 4096);
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-5f);
        NormPlacement placement = config.Bool("pre_lnorm", false) ? NormPlacement.Before : NormPlacement.After;
        Block Layer() => new(
            new RelativeAttention(attention, options), new Norm(width, epsilon),
            new FeedForward(new Linear(width, inner, normal), new Linear(inner, width, normal), Activation.Relu, dropout),
            new Norm(width, epsilon), placement, dropout);

        var embedding = new AdaptiveEmbedding(vocabulary, width, normal, projection);
        var backbone = new TransfoXlBackbone(
            new TransfoXlShape(width, memory, clamp > 0 ? clamp : null, sameLength, dropout),
            embedding, new Stack([.. Enumerable.Range(0, config.Layers("n_layer", 18)).Select(_ => Layer())]), options);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when kind == HeadKind.CausalLm => new AdaptiveSoftmaxHead(
                vocabulary, width, embedding, config.Bool("tie_word_embeddings", true), TiedProjections(config, vocabulary), normal, projection),
            var kind when kind == HeadKind.SequenceClassification =>
                new LastTokenClassificationHead(width, request.Classes, config.TokenId("pad_token_id"), normal),
            _ => throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static void Refuse(JsonFields config, string name, int supported, string why)
    {
        if (config.Int(name, supported) is var value && value != supported && !(supported < 0 && value <= 0))
            throw config.Error(name, $"{supported}: {why}");
    }

    private static Initializer Normal(JsonFields config, string name, float fallback) => config.String("init", "normal") switch
    {
        "normal" => Initializer.Normal(config.Deviation(name, fallback)),
        "uniform" => Initializer.Uniform(config.Deviation("init_range", 0.01f)),
        _ => throw config.Error("init", "normal or uniform"),
    };

    private static AdaptiveVocabulary Vocabulary(JsonFields config, int width)
    {
        int tokens = config.Extent("vocab_size"), divisor = config.Size("div_val", 4);
        IReadOnlyList<int> cutoffs = config.IntArrayOrNull("cutoffs") ?? [20000, 40000, 200000];
        int[] ends = [.. cutoffs, tokens];
        for (int i = 0; i < ends.Length; i++)
        {
            if (ends[i] <= (i == 0 ? 0 : ends[i - 1]))
                throw config.Error("cutoffs", $"growing numbers above 0 and below the vocabulary's size, {tokens}");
        }
        var vocabulary = new AdaptiveVocabulary(ends, config.Extent("d_embed", width), divisor);
        return vocabulary.WidthOf(ends.Length - 1) > 0
            ? vocabulary
            : throw config.Error("div_val", $"a number that leaves the last of {ends.Length} clusters a width of at least 1");
    }

    private static IReadOnlyList<bool> TiedProjections(JsonFields config, AdaptiveVocabulary vocabulary)
    {
        bool[] fallback = [.. Enumerable.Range(0, vocabulary.Clusters).Select(i => i > 0 && config.Bool("proj_share_all_but_first", true))];
        bool[] tied = config.Raw("tie_projs") is System.Text.Json.Nodes.JsonArray list
            ? [.. list.Select(item => item?.GetValueKind() == System.Text.Json.JsonValueKind.True)]
            : fallback;
        // A shorter list leaves the last projections apart, as the reference does.
        return [.. Enumerable.Range(0, vocabulary.Clusters).Select(i => i < tied.Length && tied[i])];
    }

    private static readonly ParameterNames Names = new()
    {
        ["backbone.embedding.tables.{n}"] = "transformer.word_emb.emb_layers.{n}.weight",
        ["backbone.embedding.projections.{n}"] = "transformer.word_emb.emb_projs.{n}",
        ["backbone.contentBias"] = "transformer.r_w_bias",
        ["backbone.positionBias"] = "transformer.r_r_bias",
        ["backbone.layers.{n}.mixer.packed.*"] = "transformer.layers.{n}.dec_attn.qkv_net.*",
        ["backbone.layers.{n}.mixer.position.*"] = "transformer.layers.{n}.dec_attn.r_net.*",
        ["backbone.layers.{n}.mixer.output.*"] = "transformer.layers.{n}.dec_attn.o_net.*",
        ["backbone.layers.{n}.mixer.contentBias"] = "transformer.layers.{n}.dec_attn.r_w_bias",
        ["backbone.layers.{n}.mixer.positionBias"] = "transformer.layers.{n}.dec_attn.r_r_bias",
        ["backbone.layers.{n}.mixerNorm.*"] = "transformer.layers.{n}.dec_attn.layer_norm.*",
        ["backbone.layers.{n}.feedForward.up.*"] = "transformer.layers.{n}.pos_ff.CoreNet.0.*",
        ["backbone.layers.{n}.feedForward.down.*"] = "transformer.layers.{n}.pos_ff.CoreNet.3.*",
        ["backbone.layers.{n}.feedForwardNorm.*"] = "transformer.layers.{n}.pos_ff.layer_norm.*",
        ["causal-lm.tables.{n}"] = "crit.out_layers.{n}.weight",
        ["causal-lm.biases.{n}"] = "crit.out_layers.{n}.bias",
        ["causal-lm.projections.{n}"] = "crit.out_projs.{n}",
        ["causal-lm.clusters"] = "crit.cluster_weight",
        ["causal-lm.clusterBias"] = "crit.cluster_bias",
        ["sequence-classification.score.*"] = "score.*",
    };
}
