using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>Every verb explains itself.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. VerbTree.Leaves.Select(command => string.Join(' ', command.Words))];

    [Fact]
    public void Without_arguments_the_program_shows_its_help()
    {
        var result = AttuneProcess.Run();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(AttuneProcess.Run("--help").Output, result.Output);
        Assert.Contains("Exit codes:", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void The_version_is_one_line()
    {
        var result = AttuneProcess.Run("--version");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", result.Output);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_shows_what_it_does_and_examples_that_name_it(string verb)
    {
        var help = VerbTree.Leaves.Single(command => string.Join(' ', command.Words) == verb).Help;
        Assert.Contains("Usage:\n  attune " + verb, help, StringComparison.Ordinal);
        Assert.Matches(@"Examples:\n(  .*attune " + verb + @"\b.*\n)+", help);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void An_option_that_does_not_exist_is_a_usage_error_of_one_line(string verb)
    {
        var result = AttuneProcess.Run([.. verb.Split(' '), "--no-such-option"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("attune: error: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
