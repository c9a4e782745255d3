using System.Text.Json.Nodes;
using Attune.Backbones.Gpt2;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Fpt;

/// <summary>
/// Frozen pretrained transformers (Lu et al. 2021, arXiv:2103.05247): GPT-2, the blocks of a vision transformer or an LSTM between new input and
/// output layers. What stays frozen is a policy of training, not of the model. Names and keys are those of the official code.
/// </summary>
public sealed class FptFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "fpt";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["FrozenTransformer"] = [HeadKind.SequenceClassification],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["sequence_model.cls_token", "sequence_model.pos_embed", "sequence_model.patch_embed.*", "sequence_model.head.*"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        int width = config.Extent("hidden_size"), inputs = config.Extent("input_dim");
        float dropout = config.Fraction("dropout", 0.1f), gain = config.Deviation("orth_gain", 1.41f);
        string kind = config.String("backbone", "gpt2");
        ISequenceBackbone body = kind switch
        {
            "gpt2" => Gpt2Body(config.Child("gpt2"), dropout),
            "vit" => new VisionBody(config.Child("vit"), dropout),
            "lstm" => new NormalizedLstmBody(config.Child("lstm"), width),
            _ => throw config.Error("backbone", "gpt2, vit or lstm"),
        };
        if (body.Width != width)
            throw config.Error("hidden_size", $"the width of the body, {body.Width}");
        FptBackbone backbone = config.Bool("use_embeddings_for_in", false)
            ? new FptBackbone(null, new Parameter([inputs, width], Initializer.Normal(1), ParameterRole.Embedding), body)
            : new FptBackbone(
                new DenseNetwork([inputs, .. Widths(config, "in_layer_sizes"), width], dropout, dropsLast: true, (i, o) => new OrthogonalInitializer(o, i, gain)),
                null, body);
        int[] outputs = [width, .. Widths(config, "out_layer_sizes"), config.Extent("output_dim")];
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceClassification
            ? new AnswerHead(new DenseNetwork(outputs, dropout, dropsLast: false, (i, _) => Initializer.Uniform(1 / MathF.Sqrt(i))), Positions(config))
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names[kind], config.Node);
    }

    /// <summary>The positions that answer: as many as a string has patches, or all.</summary>
    private static int? Positions(JsonFields config)
    {
        if (!config.Bool("return_last_only", true))
            return null;
        if (!config.Has("patch_size"))
            return 1;
        int length = config.Extent("n"), patch = config.Extent("patch_size");
        return length % patch == 0 ? length / patch : throw config.Error("patch_size", $"a divisor of n, {length}");
    }

    private static IReadOnlyList<int> Widths(JsonFields config, string name) =>
        config.IntArrayOrNull(name) is { Count: > 0 } ? config.SizesByLayer(name) : [];

    private static ISequenceBackbone Gpt2Body(JsonFields config, float dropout)
    {
        var own = (JsonObject)config.Node.DeepClone();
        foreach (string key in (string[])["resid_pdrop", "attn_pdrop", "embd_pdrop"])
            own[key] ??= dropout;
        return (ISequenceBackbone)new Gpt2Family().Build(new JsonFields(own, config.Path), []).Backbone;
    }

    private static readonly IReadOnlyDictionary<string, ParameterNames> Names = new Dictionary<string, ParameterNames>
    {
        ["gpt2"] = Around(new ParameterNames
        {
            ["backbone.body.embedding.tokens"] = "sequence_model.wte.weight",
            ["backbone.body.embedding.positions"] = "sequence_model.wpe.weight",
            ["backbone.body.layers.{n}.mixer.packed.*"] = "sequence_model.h.{n}.attn.c_attn.*",
            ["backbone.body.layers.{n}.mixer.output.*"] = "sequence_model.h.{n}.attn.c_proj.*",
            ["backbone.body.layers.{n}.mixerNorm.*"] = "sequence_model.h.{n}.ln_1.*",
            ["backbone.body.layers.{n}.feedForward.up.*"] = "sequence_model.h.{n}.mlp.c_fc.*",
            ["backbone.body.layers.{n}.feedForward.down.*"] = "sequence_model.h.{n}.mlp.c_proj.*",
            ["backbone.body.layers.{n}.feedForwardNorm.*"] = "sequence_model.h.{n}.ln_2.*",
            ["backbone.body.layers.norm.*"] = "sequence_model.ln_f.*",
        }),
        ["vit"] = Around(new ParameterNames
        {
            ["backbone.body.positions"] = "vit_pos_embed",
            ["backbone.body.layers.{n}.mixer.packed.*"] = "sequence_model.blocks.{n}.attn.qkv.*",
            ["backbone.body.layers.{n}.mixer.output.*"] = "sequence_model.blocks.{n}.attn.proj.*",
            ["backbone.body.layers.{n}.mixerNorm.*"] = "sequence_model.blocks.{n}.norm1.*",
            ["backbone.body.layers.{n}.feedForward.up.*"] = "sequence_model.blocks.{n}.mlp.fc1.*",
            ["backbone.body.layers.{n}.feedForward.down.*"] = "sequence_model.blocks.{n}.mlp.fc2.*",
            ["backbone.body.layers.{n}.feedForwardNorm.*"] = "sequence_model.blocks.{n}.norm2.*",
            ["backbone.body.layers.norm.*"] = "sequence_model.norm.*",
        }),
        ["lstm"] = Around(new ParameterNames
        {
            ["backbone.body.{n}.input.*"] = "sequence_model.params.{n}.i2h.*",
            ["backbone.body.{n}.hidden.*"] = "sequence_model.params.{n}.h2h.*",
            ["backbone.body.{n}.inputNorm.scale"] = "sequence_model.params.{n}.ln_i2h.alpha",
            ["backbone.body.{n}.inputNorm.shift"] = "sequence_model.params.{n}.ln_i2h.beta",
            ["backbone.body.{n}.hiddenNorm.scale"] = "sequence_model.params.{n}.ln_h2h.alpha",
            ["backbone.body.{n}.hiddenNorm.shift"] = "sequence_model.params.{n}.ln_h2h.beta",
            ["backbone.body.{n}.cellNorm.scale"] = "sequence_model.params.{n}.ln_cell.alpha",
            ["backbone.body.{n}.cellNorm.shift"] = "sequence_model.params.{n}.ln_cell.beta",
        }),
    };

    private static ParameterNames Around(ParameterNames names)
    {
        names["backbone.input.table"] = "in_net.weight";
        names["backbone.input.*"] = "in_net.*";
        names["sequence-classification.network.*"] = "out_net.*";
        return names;
    }
}
