using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Bench.Options;

/// <summary><c>--rest</c>: how long the machine is left alone between turns.</summary>
internal static class RestOption
{
    private const double LongestRest = 3600;

    public static Option<double> Create() => NumberOption.Make(
        "--rest", "Seconds between turns, for what else runs on the machine when the turns run at a higher priority.", "seconds", 0.0, 0.0, LongestRest);

    public static TimeSpan Of(ParseResult parsed, Option<double> rest) => TimeSpan.FromSeconds(parsed.GetValue(rest));
}
