using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
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
        [EncoderArchitecture] = [],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } =
        ["*embed_tokens.weight", "lm_head.weight", "*EncDecAttention.relative_attention_bias.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        T5Parts parts = T5Parts.Read(config);
        SequenceHalf encoder = parts.Half(parts.EncoderLayers, decoder: false, shared: null);
        if (heads.Count == 0 && config.StringArrayOrNull("architectures") is [EncoderArchitecture, ..])
        {
            var alone = new StackBackbone(parts.Width, encoder.Embedding, encoder.Stack, causal: false, scoreBias: encoder.ScoreBias);
            return new Model(alone, [], Names, config.Node);
        }
        SequenceHalf decoder = parts.Half(parts.DecoderLayers, decoder: true, encoder.Embedding.Tokens);
        var backbone = new EncoderDecoderBackbone(parts.Width, encoder, decoder);
        IHead Head(HeadRequest request) => request.Kind == HeadKind.SequenceToSequenceLm
            ? parts.LanguageModel(backbone.TokenTable)
            : throw UnknownHead.Of(this, request.Kind);
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    private static readonly ParameterNames Names = T5Names.Add(new ParameterNames());
}
