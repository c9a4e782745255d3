using Attune.Tensors.Kernels.Gemm.Grouped;

namespace Attune.Tensors;

/// <summary>What is known about precisions: their names and what this machine makes of them.</summary>
public static class Precisions
{
    private static readonly (string Name, Precision Precision)[] Names =
    [
        ("float32", Precision.Float32),
        ("bf16", Precision.BFloat16),
        ("int8", Precision.Int8),
    ];

    /// <summary>All names that <see cref="Parse"/> knows.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(entry => entry.Name)];

    /// <summary>The precision of a name.</summary>
    /// <exception cref="ArgumentException">No precision has this name.</exception>
    public static Precision Parse(string name)
    {
        foreach ((string known, Precision precision) in Names)
        {
            if (known == name)
                return precision;
        }
        throw new ArgumentException($"There is no precision '{name}'; known are: {string.Join(", ", All)}.", nameof(name));
    }

    /// <summary>The name of a precision.</summary>
    public static string NameOf(Precision precision) => Names[(int)precision].Name;

    /// <summary>
    /// The instructions that products of a precision run on, such as <c>AVX-512 VNNI</c>; null if there are none made for it here, so that
    /// large products take longer than in float32. Results are the same, and products that wait for memory gain even so.
    /// </summary>
    public static string? Instructions(Precision precision) => precision switch
    {
        Precision.BFloat16 => GroupTiles.Instructions(GroupKind.BFloat16),
        Precision.Int8 => GroupTiles.Instructions(GroupKind.Bytes),
        _ => $"{Isa.Current}",
    };
}
