using Attune.Training.Tracking;
using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary><c>attune runs</c> over records that the test writes.</summary>
public sealed class RunsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public RunsTests()
    {
        RunStore store = new(folder.File("runs.db"));
        store.Start("first", "pretrain", """{"rate": 0.001}""");
        store.Add("first", [new Metric(1, "loss", 9.5), new Metric(2, "loss", double.NaN)]);
        store.Finish("first", "completed", [("loss", 7.25)]);
        store.Start("second", "finetune", "{}");
        store.Finish("second", "failed", [], "Step 3: the loss is not finite.");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Runs_are_listed()
    {
        var runs = AttuneProcess.Run("runs", folder.Path, "--json").Json().EnumerateArray().ToDictionary(run => run.GetProperty("run").GetString()!);
        Assert.Equal("completed", runs["first"].GetProperty("status").GetString());
        Assert.Equal("""{"rate": 0.001}""", runs["first"].GetProperty("settings").GetString());
        Assert.Equal(7.25, runs["first"].GetProperty("figures").GetProperty("loss").GetDouble());
        Assert.Equal("Step 3: the loss is not finite.", runs["second"].GetProperty("message").GetString());
    }

    [Fact]
    public void One_run_is_shown_with_its_figures_by_step()
    {
        var run = AttuneProcess.Run("runs", folder.File("runs.db"), "--run", "first", "--json").Json();
        Assert.Equal("[9.5,null]", $"[{string.Join(',', run.GetProperty("metrics").EnumerateArray().Select(metric => metric.GetProperty("value").GetRawText()))}]");
    }

    [Fact]
    public void People_get_a_table()
    {
        var result = AttuneProcess.Run("runs", folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"second +finetune +failed", result.Output);
    }

    [Fact]
    public void A_run_that_is_not_there_is_named_beside_those_that_are()
    {
        var result = AttuneProcess.Run("runs", folder.Path, "--run", "third");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("'third'", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("first", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_records_gets_none()
    {
        var empty = folder.File("empty");
        Directory.CreateDirectory(empty);
        Assert.Equal(3, AttuneProcess.Run("runs", empty).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(empty));
    }

    [Fact]
    public void A_file_that_is_no_database_is_bad_input()
    {
        File.WriteAllText(folder.File("other.db"), new string('x', 5000));
        var result = AttuneProcess.Run("runs", folder.File("other.db"));
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("other.db", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
