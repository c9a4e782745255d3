using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>A backbone with its heads: what is trained, saved, loaded and asked.</summary>
public sealed class Model : Module
{
    private readonly List<IHead> _heads = [];

    /// <summary>Puts a model together.</summary>
    /// <param name="backbone">The body.</param>
    /// <param name="heads">The heads.</param>
    /// <param name="names">How its parameters are called in files.</param>
    /// <param name="config">The content of its <c>config.json</c>, saved back as it is.</param>
    public Model(IBackbone backbone, IEnumerable<IHead> heads, ParameterNames names, JsonObject config)
    {
        Backbone = backbone;
        Names = names;
        Config = config;
        Own("backbone", backbone);
        foreach (IHead head in heads)
        {
            _heads.Add(head);
            Own(head.Kind.Name, head);
        }
    }

    /// <summary>The body.</summary>
    public IBackbone Backbone { get; }

    /// <summary>All heads.</summary>
    public IReadOnlyList<IHead> Heads => _heads;

    /// <summary>How the parameters are called in files.</summary>
    public ParameterNames Names { get; }

    /// <summary>The content of <c>config.json</c>.</summary>
    public JsonObject Config { get; }

    /// <summary>The mixer that took the place of the family's own in all blocks, as <c>attune.json</c> keeps it; null if none did.</summary>
    public JsonObject? Mixer { get; private set; }

    /// <summary>Puts another mixer in all blocks, also in those of heads that have some. The model must not have values yet.</summary>
    /// <param name="mixer">Its settings; see <see cref="MixerSettings.Read"/>.</param>
    /// <exception cref="AttuneFormatException">The settings are not valid.</exception>
    /// <exception cref="ArgumentException">The mixer cannot stand in this backbone.</exception>
    public void ReplaceMixers(JsonFields mixer)
    {
        if (Backbone is not IHasMixers replaceable)
            throw new ArgumentException("This backbone has no mixers that can be replaced: it is not made of common blocks.", nameof(mixer));
        var settings = MixerSettings.Read(mixer);
        foreach (IHasMixers part in _heads.OfType<IHasMixers>().Prepend(replaceable))
            part.ReplaceMixers(settings);
        Mixer = mixer.Node;
    }

    /// <summary>The head of a kind.</summary>
    /// <exception cref="InvalidOperationException">The model has no such head.</exception>
    public THead Head<THead>(HeadKind kind)
        where THead : class, IHead =>
        _heads.Find(h => h.Kind == kind) as THead
        ?? throw new InvalidOperationException($"The model has no '{kind}' head; it has {(_heads.Count == 0 ? "none at all" : string.Join(", ", _heads.Select(h => $"'{h.Kind}'")))}.");

    /// <summary>
    /// Runs the body on token sequences. The decoder of an encoder-decoder reads the same tokens moved one place to the right, as BART
    /// does to classify.
    /// </summary>
    /// <exception cref="InvalidOperationException">The body takes no token sequences, or does not say what its decoder reads first.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch) => Backbone switch
    {
        ISequenceBackbone sequence => sequence.Forward(pass, batch),
        IEncoderDecoder both => both.Decode(pass, batch.ShiftedRight(DecoderStartId), both.Encode(pass, batch)),
        _ => throw new InvalidOperationException("This model's backbone does not turn token sequences into rows."),
    };

    /// <summary>The token that the decoder of an encoder-decoder reads first, as its configuration says.</summary>
    /// <exception cref="InvalidOperationException">The configuration does not say.</exception>
    /// <remarks>The keys <c>decoder_start_id</c> and <c>eos_id</c> are those of references without a common library: fairseq's decoders begin with the end token.</remarks>
    public int DecoderStartId => ((string[])["decoder_start_token_id", "decoder_start_id", "pad_token_id", "eos_id"])
        .Select(key => new JsonFields(Config, "config.json").IntOrNull(key)).FirstOrDefault(id => id is not null)
        ?? throw new InvalidOperationException("The configuration has neither a decoder_start_token_id nor a pad_token_id: nothing says what the decoder reads first.");

    /// <summary>Scores of a head for each sequence: <c>[sequences, classes]</c>.</summary>
    public Tensor SequenceLogits(Pass pass, HeadKind kind, BackboneOutput output)
    {
        // Dropout goes by the number of a row in the whole step; from here on a row is a sequence, not a token.
        long rows = pass.Tape.RowOffset;
        pass.Tape.RowOffset = pass.Tape.SequenceOffset;
        Tensor logits = Head<ISequenceHead>(kind).Logits(pass, output);
        pass.Tape.RowOffset = rows;
        return logits;
    }

    /// <summary>Whether the model has a head of a kind.</summary>
    public bool HasHead(HeadKind kind) => _heads.Exists(h => h.Kind == kind);

    /// <summary>Every parameter under its published name; a shared one comes once.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => Parameters().Select(p => (NameOf(p.Path), p.Parameter));

    // A mixer that is not the family's own has no published names.
    private string NameOf(string path) => Mixer is not null && IHasMixers.IsOfMixer(path) ? path : Names.NameOf(path);
}
