using Attune.Formats;
using Attune.Tensors.Ops;

namespace Attune.Backbones;

/// <summary>The kinds of numbers that model configurations hold, each checked where it is read.</summary>
internal static class ConfigFields
{
    /// <summary>The most layers, or blocks of them, that a model has.</summary>
    public const int MaxLayers = 4096;

    /// <summary>The largest width, vocabulary or number of positions.</summary>
    public const int MaxExtent = 1 << 24;

    /// <summary>A dropout probability.</summary>
    public static float Fraction(this JsonFields config, string name, float fallback) =>
        FractionOrNull(config, name) ?? fallback;

    /// <summary>A dropout probability that may be absent.</summary>
    public static float? FractionOrNull(this JsonFields config, string name) => config.FloatOrNull(name) switch
    {
        null => null,
        >= 0 and < 1 and var value => (float)value,
        _ => throw config.Error(name, "a probability from 0 up to, but not including, 1"),
    };

    /// <summary>The epsilon of a norm.</summary>
    public static float Epsilon(this JsonFields config, string name, float fallback) => config.Float(name, fallback) switch
    {
        > 0 and < 1 and var value => (float)value,
        _ => throw config.Error(name, "a small number above 0"),
    };

    /// <summary>The standard deviation that weights start with.</summary>
    public static float Deviation(this JsonFields config, string name, float fallback) => config.Float(name, fallback) switch
    {
        >= 0 and < 100 and var value => (float)value,
        _ => throw config.Error(name, "a standard deviation from 0 to 100"),
    };

    /// <summary>Makes sure that a setting, where it is given, is the only one that there is.</summary>
    public static void RequireOnly(this JsonFields config, string name, string only)
    {
        if (config.String(name, only) != only)
            throw config.Error(name, only);
    }

    /// <summary>A token's number that may be absent; it must be in the vocabulary.</summary>
    public static int? TokenId(this JsonFields config, string name)
    {
        if (config.IntOrNull(name) is not { } id)
            return null;
        int vocabulary = config.Extent("vocab_size");
        return id >= 0 && id < vocabulary ? id : throw config.Error(name, $"a token of the vocabulary, 0 to {vocabulary - 1}");
    }

    /// <summary>A width, a vocabulary, a number of positions or heads: small enough that no product of two is beyond counting.</summary>
    public static int Extent(this JsonFields config, string name) => Within(config, name, config.Size(name), MaxExtent);

    /// <inheritdoc cref="Extent(JsonFields, string)"/>
    public static int Extent(this JsonFields config, string name, int fallback) => Within(config, name, config.Size(name, fallback), MaxExtent);

    /// <summary>An extent that may be absent.</summary>
    public static int? ExtentOrNull(this JsonFields config, string name) => config.Has(name) ? config.Extent(name) : null;

    /// <summary>A number of layers. Each is declared before the weights show that they are not there, so there is a limit.</summary>
    public static int Layers(this JsonFields config, string name) => Within(config, name, config.Size(name), MaxLayers);

    /// <inheritdoc cref="Layers(JsonFields, string)"/>
    public static int Layers(this JsonFields config, string name, int fallback) => Within(config, name, config.Size(name, fallback), MaxLayers);

    private static int Within(JsonFields config, string name, int value, int most) =>
        value <= most ? value : throw config.Error(name, $"a number of at most {most}");

    /// <summary>A number of heads that divides the width.</summary>
    public static int Heads(this JsonFields config, string name, int width)
    {
        int heads = config.Extent(name);
        return width % heads == 0 ? heads : throw config.Error(name, $"a divisor of the width {width}");
    }

    /// <summary>An activation by its published name.</summary>
    public static Activation Activation(this JsonFields config, string name, string fallback)
    {
        string value = config.String(name, fallback);
        return ActivationNames.All.Contains(value)
            ? ActivationNames.Parse(value)
            : throw config.Error(name, "one of: " + string.Join(", ", ActivationNames.All));
    }

    /// <summary>
    /// The heads that were cut out of each layer (<c>pruned_heads</c>), by their numbers in the model before any were; a layer keeps at least one.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="heads">The heads that a layer had.</param>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> PrunedHeads(this JsonFields config, int layers, int heads)
    {
        Dictionary<int, IReadOnlyList<int>> pruned = [];
        if (config.ChildOrNull(PrunedHeadsKey) is not { } byLayer)
            return pruned;
        foreach (string key in byLayer.Keys)
        {
            if (!int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int layer) || layer >= layers)
                throw byLayer.Error(key, $"a layer, 0 to {layers - 1}");
            IReadOnlyList<int> cut = byLayer.IntArray(key);
            if (cut.Count >= heads || cut.Distinct().Count() != cut.Count || cut.Any(head => head < 0 || head >= heads))
                throw byLayer.Error(key, $"some, but not all, of the heads 0 to {heads - 1}, each once");
            pruned[layer] = cut;
        }
        return pruned;
    }

    /// <summary>The key of <see cref="PrunedHeads"/>.</summary>
    public const string PrunedHeadsKey = "pruned_heads";
}
