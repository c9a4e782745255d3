using System.CommandLine;
using Attune.Tensors;

namespace Attune.Bench.Options;

/// <summary><c>--precision</c>: the arithmetic of products with weights.</summary>
internal static class PrecisionOption
{
    /// <summary>An option of every precision.</summary>
    public static Option<string> Create() =>
        Create($"The arithmetic of products with weights ({string.Join(", ", Precisions.All)}); int8 does not train.", Enum.GetValues<Precision>());

    /// <summary>An option of some; the first is the default.</summary>
    public static Option<string> Create(string description, IReadOnlyList<Precision> precisions)
    {
        string[] names = [.. precisions.Select(Precisions.NameOf)];
        var option = new Option<string>("--precision") { DefaultValueFactory = _ => names[0], Description = description, HelpName = "precision" };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    public static Precision Of(ParseResult parsed, Option<string> precision) => Precisions.Parse(parsed.GetValue(precision)!);
}
