using System.Text.RegularExpressions;
using Xunit;

namespace Attune.Tests.Architecture;

/// <summary>What can be seen of the source without compiling it: sizes, names, room descriptions, stray paths.</summary>
public sealed partial class SourceShapeTests
{
    private const int MaxLines = 600;

    private static readonly string[] Headings =
        ["What lives here", "May use", "Must not use", "Add one by copying", "What guards you"];

    public static TheoryData<string> Rooms => [.. Repository.Projects];

    [Fact]
    public void No_file_is_longer_than_six_hundred_lines_except_kernels()
    {
        var tooLong = Repository.Files("src", "*.cs")
            .Where(file => !Repository.Relative(file).Contains("/Kernels/", StringComparison.Ordinal))
            .Select(file => (File: Repository.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(entry => entry.Lines > MaxLines);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_is_a_drawer_for_odds_and_ends()
    {
        var drawers = Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"))
            .Select(Repository.Relative)
            .Where(file => DrawerName().IsMatch(file));
        Assert.Empty(drawers);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_tells_what_it_is_for(string room)
    {
        var readme = Path.Combine(Repository.Root, "src", room, "README.md");
        Assert.True(File.Exists(readme), $"src/{room}/README.md is missing.");
        var headings = File.ReadLines(readme).Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim());
        Assert.Equal(Headings, headings.Intersect(Headings));
    }

    [Fact]
    public void No_file_names_a_path_of_one_machine()
    {
        string[] kinds = ["*.cs", "*.csproj", "*.props", "*.targets", "*.md", "*.json", "*.yaml", "*.yml", "*.sh", "*.txt"];
        var named = kinds.SelectMany(kind => Repository.Files(".", kind))
            .Where(file => !Repository.Relative(file).StartsWith("tests/Goldens/", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (Place: $"{Repository.Relative(file)}:{index + 1}", Line: line)))
            .Where(entry => MachinePath().IsMatch(entry.Line));
        Assert.Empty(named);
    }

    [Fact]
    public void The_ci_script_runs_the_test_command_of_the_readme()
    {
        const string command = "dotnet test -c Release && dotnet format Attune.slnx --verify-no-changes";
        Assert.Contains(command, File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);
        Assert.Contains(command, File.ReadAllText(Path.Combine(Repository.Root, ".ci", "run")), StringComparison.Ordinal);
    }

    [Fact]
    public void Code_in_the_guides_stands_in_a_sample_that_compiles()
    {
        var samples = Repository.Files("samples", "*.cs").SelectMany(File.ReadLines).Select(line => line.Trim()).ToHashSet();
        var lines = Repository.Files("docs", "*.md").Append(Path.Combine(Repository.Root, "README.md"))
            .SelectMany(file => CodeBlock().Matches(File.ReadAllText(file)).SelectMany(block => block.Groups[1].Value.Split('\n')))
            .Select(line => line.Trim())
            .Where(line => line.Length > 0);
        string[] unknown = [.. lines.Where(line => !samples.Contains(line))];
        Assert.Empty(unknown);
    }

    [GeneratedRegex(@"```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [Fact]
    public void The_guide_to_recipes_names_every_key()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "recipes.md"));
        var keys = Repository.Files("src/Attune", "*.cs")
            .Where(file => Path.GetFileName(file).StartsWith("Recipe", StringComparison.Ordinal) || Path.GetFileName(file).StartsWith("Catalog.", StringComparison.Ordinal))
            .SelectMany(file => RecipeKey().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct();
        string[] unnamed = [.. keys.Where(key => !guide.Contains($"`{key}`", StringComparison.Ordinal))];
        Assert.Empty(unnamed);
    }

    [GeneratedRegex(@"(?:Text|TextOrNull|PathOf|PathOrNull|Whole|WholeOrNull|Count|Number|NumberOrNull|Flag|NumbersOrNull|TextsOrNull|Child|ChildOrNull)\((?:\w+(?:\.\w+)*, )?""([a-z_0-9]+)""")]
    private static partial Regex RecipeKey();

    [GeneratedRegex(@"(Utils?|Utilities|Helpers?|Misc|Common)(\.cs$|/)")]
    private static partial Regex DrawerName();

    // The pattern is cut in two so that this line does not match itself.
    [GeneratedRegex(@"(?<![\w.])(/wo" + @"rk/|/ho" + @"me/\w|/ro" + @"ot/|[A-Z]:\\Us" + @"ers\\)")]
    private static partial Regex MachinePath();
}
