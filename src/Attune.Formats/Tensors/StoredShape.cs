using System.Collections.Immutable;
using System.Globalization;

namespace Attune.Formats;

/// <summary>Checks of shapes that come from files.</summary>
internal static class StoredShape
{
    /// <summary>More axes than any published checkpoint has.</summary>
    public const int MaxRank = 32;

    /// <summary>The number of elements, or null if it does not fit into 63 bits or an extent is negative.</summary>
    public static long? CountOrNull(ReadOnlySpan<int> shape)
    {
        Int128 count = 1;
        foreach (int extent in shape)
        {
            if (extent < 0) return null;
            count = unchecked(count * extent);
            // The check at every axis keeps the product within 94 bits. A later 0 does not excuse an absurd prefix.
            if (count > long.MaxValue) return null;
        }
        return (long)count;
    }

    /// <summary>The extents in brackets, as in <c>[2, 3]</c>.</summary>
    public static string Describe(ImmutableArray<int> shape) =>
        "[" + string.Join(", ", shape.Select(extent => extent.ToString(CultureInfo.InvariantCulture))) + "]";
}
