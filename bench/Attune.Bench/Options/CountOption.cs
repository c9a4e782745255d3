using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Bench.Options;

/// <summary>How often something is done: at least once.</summary>
internal static class CountOption
{
    /// <summary><c>--pairs</c>: how often both sides take turns.</summary>
    public static Option<int> Pairs() => Create("--pairs", "How often every side takes its turn.", 7);

    /// <summary>An option that is such a number.</summary>
    public static Option<int> Create(string name, string description, int standard) => NumberOption.Make(name, description, "count", standard, 1, int.MaxValue);
}
