using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.SetTransformer;

/// <summary>
/// Set Transformer (Lee et al. 2019, arXiv:1810.00825) and the DeepSets baseline (Zaheer et al. 2017, arXiv:1703.06114): answers that do not
/// depend on the order of the elements. Elements are vectors or, with <c>vocab_size</c>, tokens. Names are those of the published program.
/// </summary>
public sealed class SetTransformerFamily : IFamily
{
    private const string Attentive = "set_transformer", Averaging = "deepset";

    /// <inheritdoc/>
    public string ModelType => "set_transformer";

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.Unordered;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } =
        new Dictionary<string, IReadOnlyList<HeadKind>> { ["SetTransformer"] = [HeadKind.SequenceClassification] };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = [];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        string kind = config.String("kind", Attentive);
        if (kind is not (Attentive or Averaging))
            throw config.Error("kind", $"{Attentive} or {Averaging}");
        int width = config.Extent("dim_hidden", 128);
        TokenEmbedding? embedding = config.ExtentOrNull("vocab_size") is { } vocabulary
            ? new TokenEmbedding(new EmbeddingShape(vocabulary, config.Extent("dim_input", width)) { PaddingId = config.TokenId("pad_token_id") })
            : null;
        int inputs = config.Extent("dim_input", width);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceClassification
            ? new SetHead(kind == Attentive ? Decoder(config, width) : null, Answer(config, kind, width, request.Classes), config.Extent("num_outputs", 1))
            : throw UnknownHead.Of(this, request.Kind);
        Module encoder = kind == Attentive ? Encoder(config, inputs, width) : Network(inputs, width, width);
        return new Model(new SetBackbone(embedding, encoder, inputs, width), heads.Select(Head), Names, config.Node);
    }

    private static SetStack Encoder(JsonFields config, int inputs, int width)
    {
        (int heads, int points, bool norm) = (config.Heads("num_heads", width), config.Extent("num_inds", 32), config.Bool("layer_norm", false));
        return new SetStack([new InducedSetAttention(inputs, width, heads, points, norm), new InducedSetAttention(width, width, heads, points, norm)], norm);
    }

    private static SetStack Decoder(JsonFields config, int width)
    {
        (int heads, int seeds, bool norm) = (config.Heads("num_heads", width), config.Extent("num_outputs", 1), config.Bool("layer_norm", false));
        return new SetStack(
            [new SetPooling(width, heads, seeds, norm), new SetSelfAttention(width, width, heads, norm), new SetSelfAttention(width, width, heads, norm)], norm);
    }

    // DeepSets answer all outputs at once; Set Transformers have a row for each.
    private static Module Answer(JsonFields config, string kind, int width, int classes)
    {
        int outputs = config.Extent("dim_output", classes);
        return kind == Attentive
            ? new SetNetwork([width, outputs], first: 3)
            : Network(width, width, checked(config.Extent("num_outputs", 1) * outputs));
    }

    private static SetNetwork Network(int inputs, int width, int outputs) => new([inputs, width, width, width, outputs]);

    private static readonly ParameterNames Names = NameBlocks(new ParameterNames
    {
        ["backbone.embedding.tokens"] = "embedding.weight",
        ["backbone.encoder.{n}.weight"] = "enc.{n}.weight",
        ["backbone.encoder.{n}.bias"] = "enc.{n}.bias",
        ["sequence-classification.answer.*"] = "dec.*",
    });

    private static ParameterNames NameBlocks(ParameterNames names)
    {
        NameBlock(names, "backbone.encoder.{n}.", "enc.{n}.");
        NameBlock(names, "sequence-classification.decoder.{n}.", "dec.{n}.");
        return names;
    }

    /// <summary>Adds the names of a set block.</summary>
    internal static ParameterNames NameBlock(ParameterNames names, string path, string name)
    {
        names[path + "points"] = name + "I";
        names[path + "seeds"] = name + "S";
        // Where another mixer stands, what is around it keeps its name.
        NameAttention(names, path, name + "mab.");
        NameAttention(names, path + "gather.", name + "mab0.");
        NameAttention(names, path + "spread.", name + "mab1.");
        return NameAttention(names, path + "attention.", name + "mab.");
    }

    /// <summary>Adds the names of one attention.</summary>
    internal static ParameterNames NameAttention(ParameterNames names, string path, string name)
    {
        names[path + "around.query.*"] = name + "fc_q.*";
        names[path + "key.*"] = name + "fc_k.*";
        names[path + "value.*"] = name + "fc_v.*";
        names[path + "around.output.*"] = name + "fc_o.*";
        names[path + "around.norm.*"] = name + "ln0.*";
        names[path + "around.outputNorm.*"] = name + "ln1.*";
        return names;
    }
}
