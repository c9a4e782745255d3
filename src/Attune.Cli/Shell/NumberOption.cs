using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Attune.Cli.Shell;

/// <summary>Options that are numbers within bounds, read the same under every culture.</summary>
internal static class NumberOption
{
    /// <summary>Makes an option whose value must be a number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it sets.</param>
    /// <param name="unit">What the number counts, shown in help (<c>count</c>, <c>minutes</c>).</param>
    /// <param name="standard">The value where the option is not given.</param>
    /// <param name="least">The smallest value.</param>
    /// <param name="most">The largest value.</param>
    public static Option<T> Make<T>(string name, string description, string unit, T standard, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new(name)
        {
            Description = description,
            HelpName = unit,
            DefaultValueFactory = _ => standard,
            CustomParser = result => Parse(result, name, least, most),
        };

    /// <summary>Makes such an option that may be absent.</summary>
    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it sets, and what happens without it.</param>
    /// <param name="unit">What the number counts.</param>
    /// <param name="least">The smallest value.</param>
    /// <param name="most">The largest value.</param>
    public static Option<T?> MakeOptional<T>(string name, string description, string unit, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = result => Parse(result, name, least, most),
        };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        var kind = typeof(T) == typeof(double) || typeof(T) == typeof(float) ? "a number" : "a whole number";
        // Where a type ends is nobody's business but the compiler's.
        var range = most == T.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"of at least {least}") : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        result.AddError($"{name}: found '{text}', expected {kind} {range}.");
        return default;
    }
}
