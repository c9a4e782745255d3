using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Inference.Generation.Decoding;

/// <summary>What decoding needs to know of a model that writes: a causal stack, or the decoder of an encoder-decoder.</summary>
internal sealed class GenerativeModel
{
    private readonly Model _model;
    private readonly ISequenceBackbone? _single;
    private readonly IEncoderDecoder? _both;

    /// <summary>Looks at a model.</summary>
    /// <exception cref="InvalidOperationException">It cannot write; the message names what it lacks.</exception>
    public GenerativeModel(Model model)
    {
        _model = model;
        (_single, _both) = (model.Backbone as ISequenceBackbone, model.Backbone as IEncoderDecoder);
        if (_both is null && !model.Backbone.Capabilities.HasFlag(Capabilities.Causal))
        {
            throw new InvalidOperationException(
                $"Texts are written by backbones that are {Fit.Describe(Capabilities.Causal)} or {Fit.Describe(Capabilities.EncoderDecoder)}, with a "
                + $"'{HeadKind.CausalLm}' or '{HeadKind.SequenceToSequenceLm}' head; this one is {Fit.Describe(model.Backbone.Capabilities)}, and "
                + (model.Heads.Count == 0 ? "it has no head." : $"its heads are: {string.Join(", ", model.Heads.Select(head => head.Kind.Name))}."));
        }
        Head = model.Head<ITokenHead>(_both is null ? HeadKind.CausalLm : HeadKind.SequenceToSequenceLm);
        EndIds = ConfiguredEnds(new JsonFields(model.Config, "config.json"));
    }

    /// <summary>Scores tokens.</summary>
    public ITokenHead Head { get; }

    /// <summary>Whether prompts are read by an encoder, and the decoder begins with a start token of its own.</summary>
    public bool HasEncoder => _both is not null;

    /// <summary>Whether what was read is remembered as rows of earlier segments.</summary>
    public bool HasMemory => _model.Backbone.Capabilities.HasFlag(Capabilities.Memory);

    /// <summary>The token that a decoder begins with.</summary>
    public int StartId => _model.DecoderStartId;

    /// <summary>The tokens that end a sequence as the configuration has it.</summary>
    public IReadOnlyList<int> EndIds { get; }

    /// <summary>The longest sequence that is decoded, prompt or start token included; null if there is no limit.</summary>
    public int? MaxLength => _both is null ? _model.Backbone.MaxLength : _both.MaxTargetLength;

    /// <summary>Runs the encoder.</summary>
    public BackboneOutput Encode(Pass pass, TokenBatch source) => _both!.Encode(pass, source);

    /// <summary>Runs the stack, or the decoder after what the encoder gave.</summary>
    public BackboneOutput Run(Pass pass, TokenBatch batch, BackboneOutput? source) =>
        _both is null ? _single!.Forward(pass, batch) : _both.Decode(pass, batch, source!);

    private static IReadOnlyList<int> ConfiguredEnds(JsonFields config) => config.Raw("eos_token_id") switch
    {
        null => config.IntOrNull("eos_id") is { } end ? [end] : [],
        System.Text.Json.Nodes.JsonArray => config.IntArray("eos_token_id"),
        _ => [config.Int("eos_token_id")],
    };
}
