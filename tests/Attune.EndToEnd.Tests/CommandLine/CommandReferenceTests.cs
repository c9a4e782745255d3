using System.Text;
using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary><c>docs/commands.md</c> says what the program's help says.</summary>
public sealed class CommandReferenceTests
{
    /// <summary>Set by <c>eng/command-reference.sh</c>, which writes the file instead of checking it.</summary>
    private const string WriteVariable = "ATTUNE_WRITE_COMMAND_REFERENCE";

    [Fact]
    public void The_reference_is_what_help_prints()
    {
        var file = Path.Combine(RepositoryRoot(), "docs", "commands.md");
        var expected = Reference();
        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
            File.WriteAllText(file, expected);
        Assert.Equal(expected, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    private static string Reference()
    {
        StringBuilder text = new();
        text.Append("# Commands\n\nWritten by `eng/command-reference.sh` from the program's own help; a test holds the two equal.\n");
        foreach (var (words, help) in VerbTree.All)
        {
            text.Append('\n').Append(words.Length == 0 ? "## " : "### ").Append(string.Join(' ', ["attune", .. words]));
            text.Append("\n\n```\n").Append(help.Trim().Replace("\r", "", StringComparison.Ordinal)).Append("\n```\n");
        }

        return text.ToString();
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Attune.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("Attune.slnx is not above the tests.");
        return folder.FullName;
    }
}
