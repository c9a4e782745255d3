using System.CommandLine;

namespace Attune.Bench.Rates;

/// <summary><c>--rest</c>: how long the machine is left alone between turns.</summary>
internal static class RestOption
{
    public static Option<double> Create() => new("--rest")
    {
        DefaultValueFactory = _ => 0,
        Description = "Seconds between turns, for what else runs on the machine when the turns run at a higher priority.",
    };

    public static TimeSpan Of(ParseResult parsed, Option<double> rest) => TimeSpan.FromSeconds(parsed.GetValue(rest));
}
