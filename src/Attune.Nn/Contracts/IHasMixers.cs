using Attune.Nn.Mixers;

namespace Attune.Nn.Contracts;

/// <summary>A backbone, or a head with a body of its own, whose blocks can be given other mixers before it has values.</summary>
public interface IHasMixers
{
    /// <summary>
    /// Puts a mixer of one kind in the place of every self-attention. Relative positions that belonged to the replaced attention go with it.
    /// </summary>
    /// <exception cref="ArgumentException">The kind cannot stand here: it lacks a direction, or minds the order of sets, or its heads do not divide the width.</exception>
    void ReplaceMixers(MixerSettings settings);

    /// <summary>Whether a parameter's path leads through a mixer: such parts are called <c>mixer</c>, those of a second stream <c>entityMixer</c> and the like.</summary>
    static bool IsOfMixer(string path) => path.Contains("mixer.", StringComparison.OrdinalIgnoreCase);
}
