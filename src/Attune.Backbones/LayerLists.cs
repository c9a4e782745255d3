using Attune.Formats;

namespace Attune.Backbones;

/// <summary>Lists of a configuration that have a number for each layer.</summary>
internal static class LayerLists
{
    private const int MaxLayers = 1 << 12;
    private const int MaxSize = 1 << 16;

    /// <summary>A size for each layer; the length of the list is the number of layers.</summary>
    public static IReadOnlyList<int> SizesByLayer(this JsonFields config, string name, IReadOnlyList<int>? fallback = null)
    {
        IReadOnlyList<int> sizes = fallback is null ? config.IntArray(name) : config.IntArrayOrNull(name) ?? fallback;
        return sizes.Count is >= 1 and <= MaxLayers && sizes.All(size => size is >= 1 and <= MaxSize)
            ? sizes
            : throw config.Error(name, $"1 to {MaxLayers} whole numbers, each from 1 to {MaxSize}");
    }
}
