using Attune.Nn.Contracts;

namespace Attune.Nn.Mixers;

/// <summary>Makes the mixers that take the places of a backbone's own, one after another. Places that shared a mixer share the new one.</summary>
public sealed class MixerReplacement
{
    private const Capabilities Demands = Capabilities.Bidirectional | Capabilities.Causal | Capabilities.Unordered;

    private readonly MixerSettings _settings;
    private readonly bool _causal;
    private readonly int? _maxLength;
    private readonly Dictionary<object, ISequenceMixer> _made = new(ReferenceEqualityComparer.Instance);

    /// <summary>Begins with a kind of mixer.</summary>
    /// <param name="settings">What stands in all places.</param>
    /// <param name="backbone">What the backbone, or this part of it, can do: its direction, and whether it knows nothing of order, must be the mixer's as well.</param>
    /// <param name="maxLength">The longest sequence; null if there is no limit.</param>
    /// <exception cref="ArgumentException">The kind cannot stand here; the message names what it lacks.</exception>
    public MixerReplacement(MixerSettings settings, Capabilities backbone, int? maxLength)
    {
        if ((backbone & Demands & ~settings.Kind.Capabilities) is not Capabilities.None and var missing)
            throw new ArgumentException($"The mixer '{settings.Kind.Name}' is not {Fit.Describe(missing)}, which this backbone needs.", nameof(settings));
        (_settings, _causal, _maxLength) = (settings, backbone.HasFlag(Capabilities.Causal), maxLength);
    }

    /// <summary>Whether the mixers tell rows apart by their places, so that a backbone whose own positions are gone needs no others.</summary>
    public bool KnowsOrder => !_settings.Kind.Capabilities.HasFlag(Capabilities.Unordered);

    /// <summary>The mixer in place of one of the backbone's own.</summary>
    /// <param name="old">The one that goes.</param>
    /// <param name="width">The width of its rows.</param>
    /// <exception cref="ArgumentException">The mixer's heads do not divide the width.</exception>
    public ISequenceMixer For(object old, int width)
    {
        if (!_made.TryGetValue(old, out ISequenceMixer? mixer))
            _made[old] = mixer = _settings.Kind.Make(_settings, new MixerPlace(width, _made.Count, _causal, _maxLength));
        return mixer;
    }
}
