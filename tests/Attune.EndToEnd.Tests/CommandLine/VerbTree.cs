using System.Text.RegularExpressions;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>All verbs of the program, found by following its own help.</summary>
internal static partial class VerbTree
{
    private static readonly Lazy<IReadOnlyList<(string[] Words, string Help)>> Known = new(() => [.. Walk([])]);

    /// <summary>Every command from the root down: its words and its help text.</summary>
    public static IReadOnlyList<(string[] Words, string Help)> All => Known.Value;

    /// <summary>Those that do something, rather than gather others.</summary>
    public static IEnumerable<(string[] Words, string Help)> Leaves => All.Where(command => Subcommands(command.Help).Length == 0);

    private static IEnumerable<(string[] Words, string Help)> Walk(string[] words)
    {
        var help = AttuneProcess.Run([.. words, "--help"]).Output;
        yield return (words, help);
        foreach (var inner in Subcommands(help))
        {
            foreach (var command in Walk([.. words, inner]))
                yield return command;
        }
    }

    private static string[] Subcommands(string help)
    {
        var section = CommandSection().Match(help);
        return section.Success ? [.. CommandName().Matches(section.Groups[1].Value).Select(match => match.Groups[1].Value)] : [];
    }

    [GeneratedRegex(@"^Commands:\n((?:  .*\n)+)", RegexOptions.Multiline)]
    private static partial Regex CommandSection();

    [GeneratedRegex(@"^  ([a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex CommandName();
}
