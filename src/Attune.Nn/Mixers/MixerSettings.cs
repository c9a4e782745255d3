using Attune.Formats;

namespace Attune.Nn.Mixers;

/// <summary>Which mixer stands in all blocks of a model, and how large it is: the <c>mixer</c> of recipes and of <c>attune.json</c>.</summary>
public sealed record MixerSettings
{
    /// <summary>The name of the mixer's kind.</summary>
    public const string KindKey = "kind";

    private const int MaxTaps = 1 << 16;

    /// <summary>The kind, one of <see cref="MixerKinds.All"/>.</summary>
    public required MixerKind Kind { get; init; }

    /// <summary>The kernel width of each block; the last one counts for all further blocks.</summary>
    public IReadOnlyList<int> KernelSizes { get; init; } = [7];

    /// <summary>The dilation of each block; the last one counts for all further blocks.</summary>
    public IReadOnlyList<int> Dilations { get; init; } = [1];

    /// <summary>The number of heads (or shared kernels); null is the largest of 8, 4, 2 and 1 that divides the width.</summary>
    public int? Heads { get; init; }

    /// <summary>Whether a gated linear unit stands before a convolution.</summary>
    public bool Gated { get; init; } = true;

    /// <summary>The slots of a Linformer.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>The longest sequence of a Linformer in a model that has no limit of its own.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Reads settings.</summary>
    /// <exception cref="AttuneFormatException">A field is unknown or not what it should be.</exception>
    public static MixerSettings Read(JsonFields fields)
    {
        string name = fields.String(KindKey);
        MixerKind kind = MixerKinds.All.FirstOrDefault(k => k.Name == name)
            ?? throw fields.Error(KindKey, "one of: " + string.Join(", ", MixerKinds.All.Select(k => k.Name)));
        var settings = new MixerSettings { Kind = kind };
        settings = settings with
        {
            KernelSizes = Sizes(fields, "kernel_sizes", settings.KernelSizes),
            Dilations = Sizes(fields, "dilations", kind.DefaultDilations),
            Heads = fields.Has("heads") ? fields.Size("heads") : null,
            Gated = fields.Bool("gated", settings.Gated),
            Rank = fields.Size("rank", settings.Rank),
            MaxLength = fields.Size("max_length", settings.MaxLength),
        };
        if (fields.UnreadKeys is [var unread, ..])
            throw fields.Error(unread, "one of: kind, kernel_sizes, dilations, heads, gated, rank, max_length");
        return settings;
    }

    /// <summary>The kernel width of a block.</summary>
    public int KernelSize(int block) => KernelSizes[Math.Min(block, KernelSizes.Count - 1)];

    /// <summary>The dilation of a block.</summary>
    public int Dilation(int block) => Dilations[Math.Min(block, Dilations.Count - 1)];

    /// <summary>The number of heads at a width.</summary>
    /// <exception cref="ArgumentException">They do not divide the width.</exception>
    public int HeadsOf(int width)
    {
        if (Heads is { } heads)
            return width % heads == 0 ? heads : throw new ArgumentException($"{heads} heads of the mixer '{Kind.Name}' do not divide the width {width}.");
        return ((int[])[8, 4, 2]).FirstOrDefault(h => width % h == 0, 1);
    }

    private static IReadOnlyList<int> Sizes(JsonFields fields, string name, IReadOnlyList<int> fallback) => fields.IntArrayOrNull(name) switch
    {
        null => fallback,
        { Count: > 0 } sizes when sizes.All(size => size is >= 1 and <= MaxTaps) => sizes,
        _ => throw fields.Error(name, $"at least one whole number, each from 1 to {MaxTaps}"),
    };
}

/// <summary>Where a mixer is to stand.</summary>
/// <param name="Width">The width of the rows.</param>
/// <param name="Block">The number of the block, from 0.</param>
/// <param name="Causal">Whether a position must not see what follows it.</param>
/// <param name="MaxLength">The longest sequence; null if there is no limit.</param>
public sealed record MixerPlace(int Width, int Block, bool Causal, int? MaxLength);
