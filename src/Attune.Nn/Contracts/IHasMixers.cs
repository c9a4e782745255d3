using Attune.Nn.Mixers;

namespace Attune.Nn.Contracts;

/// <summary>A backbone whose blocks can be given other mixers before it has values.</summary>
public interface IHasMixers
{
    /// <summary>
    /// Puts a mixer of one kind in the place of every self-attention. Relative positions that belonged to the replaced attention go with it.
    /// </summary>
    /// <exception cref="ArgumentException">The kind cannot stand here: it lacks a direction, or its heads do not divide the width.</exception>
    void ReplaceMixers(MixerSettings settings);
}
