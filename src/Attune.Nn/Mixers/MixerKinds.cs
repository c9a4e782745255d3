using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Nn.Mixers;

/// <summary>A kind of mixer that can stand in the blocks of any sequence backbone.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What it is, in one line.</param>
/// <param name="Capabilities">Where it can stand, and what of a backbone's own capabilities it keeps; see <see cref="ISequenceMixer.Capabilities"/>.</param>
/// <param name="Make">Makes one for a place.</param>
public sealed record MixerKind(string Name, string Summary, Capabilities Capabilities, Func<MixerSettings, MixerPlace, ISequenceMixer> Make)
{
    /// <summary>The dilations of the blocks where settings give none.</summary>
    public IReadOnlyList<int> DefaultDilations { get; init; } = [1];
}

/// <summary>All kinds of mixers, a line each. They are here and not in the front's catalog because saved models name them.</summary>
public static class MixerKinds
{
    private const Capabilities Both = Capabilities.Bidirectional | Capabilities.Causal;
    private const Capabilities Neighbours = Both | Capabilities.Memory;

    // Rows that are to be predicted are rows of their own, which a free mask hides from the others.
    private const Capabilities Pairs = Both | Capabilities.FreeMask | Capabilities.TwoStream | Capabilities.Unordered;
    private const Capabilities OfMixers = Capabilities.Memory | Capabilities.FreeMask | Capabilities.TwoStream;

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<MixerKind> All { get; } =
    [
        new("self-attention", "multi-head scaled dot-product attention", Pairs, (s, p) => new SelfAttention(Attention(s, p))),
        new("lightweight-conv", "few shared kernels, normalised by a softmax", Neighbours, (s, p) => Convolution(s, p, new LightweightConvolution(Shared(s, p)))),
        new("dynamic-conv", "kernels predicted at every position", Neighbours, (s, p) => Convolution(s, p, new DynamicConvolution(Shared(s, p)))),
        new("depthwise-conv", "one kernel for each channel", Neighbours, (s, p) => Convolution(s, p, new LightweightConvolution(EachChannel(s, p)))),
        new("dilated-conv", "one kernel for each channel, with growing gaps between its taps", Neighbours,
            (s, p) => Convolution(s, p, new LightweightConvolution(EachChannel(s, p)))) { DefaultDilations = [1, 2, 4, 8] },
        new("lstm", "a recurrence, from both ends where the future may be seen", Neighbours, (_, p) => new LstmMixer(p.Width, p.Width, !p.Causal)),
        new("linformer", "attention to keys and values shortened over time", Capabilities.Bidirectional,
            (s, p) => new LinformerAttention(Attention(s, p), new LinformerOptions(p.MaxLength ?? s.MaxLength, s.Rank))),
    ];

    /// <summary>What a kind lacks to stand in a backbone; <see cref="Capabilities.None"/> if it can.</summary>
    public static Capabilities Missing(this MixerKind kind, Capabilities backbone)
    {
        Capabilities directions = backbone & Both;
        // Encoder-decoders have both; and where a family's bodies have one or the other, both are safe.
        if (directions == Capabilities.None || backbone.HasFlag(Capabilities.EncoderDecoder))
            directions = Both;
        return (directions | backbone & Capabilities.Unordered) & ~kind.Capabilities;
    }

    /// <summary>What a backbone can no longer do once a kind stands in the places of its own mixers; <see cref="Capabilities.None"/> if all is left.</summary>
    public static Capabilities Lost(this MixerKind kind, Capabilities backbone) => backbone & OfMixers & ~kind.Capabilities;

    private static AttentionShape Attention(MixerSettings settings, MixerPlace place) =>
        new(place.Width, settings.HeadsOf(place.Width)) { Initializer = Initializer.Glorot(place.Width, place.Width) };

    private static ConvolutionShape Shared(MixerSettings settings, MixerPlace place) =>
        new(place.Width, settings.HeadsOf(place.Width), settings.KernelSize(place.Block)) { Dilation = settings.Dilation(place.Block) };

    private static ConvolutionShape EachChannel(MixerSettings settings, MixerPlace place) => Shared(settings, place) with
    {
        Heads = place.Width,
        Softmax = false,
        Initializer = Initializer.Uniform(1 / MathF.Sqrt(settings.KernelSize(place.Block))),
    };

    private static ConvolutionMixer Convolution(MixerSettings settings, MixerPlace place, ISequenceConvolution convolution)
    {
        int inner = settings.Gated ? 2 * place.Width : place.Width;
        return new ConvolutionMixer(convolution, new ConvolutionProjections
        {
            Input = new Linear(place.Width, inner, Initializer.Glorot(place.Width, inner)),
            Glu = settings.Gated,
            Output = new Linear(place.Width, place.Width, Initializer.Glorot(place.Width, place.Width)),
        });
    }
}
