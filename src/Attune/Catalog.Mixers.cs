using Attune.Nn.Mixers;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The mixers that can stand in the blocks of any sequence backbone, under their names in recipes.</summary>
    public static CatalogAxis<MixerKind> Mixers { get; } = new("mixer", kind => kind.Name, MixerKinds.All);
}
