using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary><c>attune doctor</c> and the options that all verbs share.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void Json_names_the_kernels_and_the_threads_asked_for()
    {
        var result = AttuneProcess.Run("doctor", "--quick", "--json", "--threads", "1");
        Assert.Equal(0, result.ExitCode);
        var report = result.Json();
        Assert.Equal(1, report.GetProperty("threads").GetInt32());
        Assert.Contains(report.GetProperty("kernels_chosen").GetString(), report.GetProperty("kernels_available").EnumerateArray().Select(set => set.GetString()));
        Assert.False(report.GetProperty("kernels_forced").GetBoolean());
    }

    [Fact]
    public void What_is_known_of_amx_and_of_each_precision_is_said()
    {
        var report = AttuneProcess.Run("doctor", "--quick", "--json").Json();
        Assert.True(report.GetProperty("processor_has_amx").GetBoolean() || !report.GetProperty("features").GetProperty("AMX").GetBoolean());
        var lines = AttuneProcess.Run(["doctor", "--quick"], input: null, new Dictionary<string, string> { ["ATTUNE_ISA"] = "portable" }).Output.Split('\n');
        var amx = Assert.Single(lines, line => line.StartsWith("AMX", StringComparison.Ordinal));
        Assert.Contains(report.GetProperty("processor_has_amx").GetBoolean() ? "but" : "not in this processor", amx, StringComparison.Ordinal);
        var products = Assert.Single(lines, line => line.StartsWith("products", StringComparison.Ordinal));
        Assert.Contains("bf16: no instructions of its own, no faster than float32", products, StringComparison.Ordinal);
    }

    [Fact]
    public void Products_are_measured_with_one_thread_and_with_all()
    {
        var products = AttuneProcess.Run("doctor", "--json", "--threads", "2").Json().GetProperty("products").EnumerateArray().ToArray();
        Assert.Equal([1, 2], products.Select(product => product.GetProperty("threads").GetInt32()).Distinct().Order());
        Assert.All(products, product => Assert.True(product.GetProperty("gflops").GetDouble() > 0));
    }

    [Fact]
    public void The_environment_chooses_the_kernels()
    {
        var report = AttuneProcess.Run(["doctor", "--quick", "--json"], input: null, new Dictionary<string, string> { ["ATTUNE_ISA"] = "portable" }).Json();
        Assert.Equal("Portable", report.GetProperty("kernels_chosen").GetString());
        Assert.True(report.GetProperty("kernels_forced").GetBoolean());
    }

    [Fact]
    public void A_forced_instruction_set_that_is_not_there_is_the_machines_fault()
    {
        var result = AttuneProcess.Run(["doctor"], input: null, new Dictionary<string, string> { ["ATTUNE_ISA"] = "sse9" });
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("sse9", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_adds_the_stack_trace()
    {
        var result = AttuneProcess.Run(["doctor", "--verbose"], input: null, new Dictionary<string, string> { ["ATTUNE_ISA"] = "sse9" });
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("   at Attune.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1025")]
    [InlineData("two")]
    [InlineData("1.5")]
    public void A_thread_count_that_makes_no_sense_is_refused(string count)
    {
        var result = AttuneProcess.Run("doctor", "--threads", count);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"found '{count}', expected a whole number from 1 to 1024", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_verb_is_named()
    {
        var result = AttuneProcess.Run("doctr");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'doctr'", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_number_of_threads_in_the_environment_is_named()
    {
        var result = AttuneProcess.Run(["doctor", "--quick"], input: null, new Dictionary<string, string> { ["ATTUNE_THREADS"] = "many" });
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("ATTUNE_THREADS=many: expected a whole number", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
