using System.CommandLine;
using Attune.Tensors.Parallel;

namespace Attune.Cli.Shell;

/// <summary>Options that mean the same wherever they appear.</summary>
internal static class SharedOptions
{
    /// <summary>Prints one JSON document instead of text.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document on standard output instead of text.",
    };

    /// <summary>Shows stack traces.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show the stack trace of an error, and details of what is done.",
        Recursive = true,
    };

    /// <summary>How many threads compute.</summary>
    public static Option<int?> Threads { get; } = MakeThreads();

    /// <summary>Where all randomness begins.</summary>
    public static Option<ulong> Seed { get; } = NumberOption.Make(
        "--seed", "The seed of all randomness; the same seed gives the same results to the bit.", "number", 0UL, 0UL, ulong.MaxValue);

    private static Option<int?> MakeThreads()
    {
        var option = NumberOption.MakeOptional(
            "--threads",
            $"How many threads compute. Default: {Workers.Variable}, or one a processor. Results do not depend on it.",
            "count",
            least: 1,
            most: 1024);
        option.Recursive = true;
        return option;
    }
}
