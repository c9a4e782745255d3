using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>The verbs that look into models: attention maps, and heads that matter or do not.</summary>
public sealed class AnalysisVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Attention_is_a_page_of_its_own_and_rows_add_up_to_one()
    {
        TinyModel.Bert(folder.Path, "BertModel");
        var page = Path.Combine(folder.Path, "attention.html");
        Assert.Equal(0, AttuneProcess.Run("attention", folder.Path, "the </script> stream", "--out", page).ExitCode);
        var html = File.ReadAllText(page);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</script> stream", html, StringComparison.Ordinal);

        var group = AttuneProcess.Run("attention", folder.Path, "the stream", "--json").Json()[0];
        Assert.Equal(["[CLS]", "the", "stream", "[SEP]"], group.GetProperty("queries").EnumerateArray().Select(token => token.GetString()));
        var head = group.GetProperty("layers")[0][1];
        Assert.All(head.EnumerateArray(), row => Assert.Equal(1, row.EnumerateArray().Sum(value => value.GetDouble()), 1e-5));
    }

    [Fact]
    public void Heads_are_measured_and_the_least_important_one_is_cut_out()
    {
        TinyModel.Bert(folder.Path, "BertForSequenceClassification");
        var data = Path.Combine(folder.Path, "data.csv");
        File.WriteAllText(data, "text,label\nthe stream,class 0\nis long,class 1\n");
        var smaller = Path.Combine(folder.Path, "smaller");
        var answer = AttuneProcess.Run("prune-heads", folder.Path, "--data", data, "--share", "0.5", "--out", smaller, "--json").Json();
        var importance = answer.GetProperty("importance")[0].EnumerateArray().Select(value => value.GetDouble()).ToArray();
        var cut = answer.GetProperty("pruned_heads").GetProperty("0")[0].GetInt32();
        Assert.Equal(2, importance.Length);
        Assert.Equal(importance.Min(), importance[cut]);
        Assert.Equal(0, AttuneProcess.Run("predict", smaller, "the stream").ExitCode);
        Assert.True(Parameters(smaller) < Parameters(folder.Path));
    }

    [Theory]
    [InlineData("prune-heads", "--heads", "0:1")]
    [InlineData("prune-heads", "--heads", "first", "--out", "x")]
    [InlineData("prune-heads", "--share", "0.5", "--out", "x")]
    public void What_is_missing_is_named(string verb, params string[] rest)
    {
        TinyModel.Bert(folder.Path, "BertModel");
        var result = AttuneProcess.Run([verb, folder.Path, .. rest], input: null);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
    }

    private static long Parameters(string model) => AttuneProcess.Run("inspect", model, "--length", "4", "--json").Json().GetProperty("parameters").GetInt64();
}
