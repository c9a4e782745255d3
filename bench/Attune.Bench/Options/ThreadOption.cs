using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Attune.Cli.Shell;

namespace Attune.Bench.Options;

/// <summary><c>--threads</c>: how many threads compute.</summary>
internal static class ThreadOption
{
    private const int Most = 1024;

    /// <summary>One number, for what is measured by itself.</summary>
    public static Option<int> One() => NumberOption.Make("--threads", "How many threads compute.", "count", 1, 1, Most);

    /// <summary>Numbers to compare with, one after the other.</summary>
    public static Option<int[]> Several() => new("--threads")
    {
        Description = "Numbers of threads to measure with.",
        HelpName = "count",
        DefaultValueFactory = _ => [1, 2],
        AllowMultipleArgumentsPerToken = true,
        CustomParser = Parse,
    };

    private static int[] Parse(ArgumentResult result)
    {
        List<int> counts = [];
        foreach (Token token in result.Tokens)
        {
            if (int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most)
                counts.Add(count);
            else
                result.AddError($"--threads: found '{token.Value}', expected whole numbers from 1 to {Most}.");
        }
        return [.. counts];
    }
}
