using System.Text.Json;
using Attune.EndToEnd.Tests.CommandLine;
using Xunit;

namespace Attune.EndToEnd.Tests.Benchmarks;

/// <summary>The benchmark program: what is wrong or missing is named in a line, without a stack; figures can be had as JSON.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // The bench program of the same build as these tests.
    private static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace(Path.Combine("tests", "Attune.EndToEnd.Tests"), Path.Combine("bench", "Attune.Bench"), StringComparison.Ordinal), "Attune.Bench.dll");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gemn")]
    [InlineData("compare", "bert-large")]
    [InlineData("step", "bert-large")]
    [InlineData("step", "gpt-tiny-train-16x64", "--threads", "0")]
    [InlineData("step", "gpt-tiny-train-16x64", "--precision", "int7")]
    [InlineData("compare", "--threads", "1", "two")]
    [InlineData("compare", "--pairs", "0")]
    [InlineData("gemm", "--seconds", "-1")]
    [InlineData("kernels", "gemn")]
    [InlineData("generate", "--tokens", "0")]
    [InlineData("generate-compare", "--gguf", "missing.gguf")]
    [InlineData("embed-compare", "model", "texts", "--modules", "missing-modules")]
    [InlineData("tokenize-compare", "missing.txt", "missing.json")]
    public void A_line_that_cannot_be_understood(params string[] line) => Refused(2, line, line.Last(word => !word.StartsWith("--", StringComparison.Ordinal)));

    [Fact]
    public void What_is_missing_is_named()
    {
        Refused(3, ["gemm", "64x64"], "64x64", "1024x768x3072:nt");
        Refused(3, ["gemm", "8x8x8:nn", "--python", _folder.File("python")], _folder.File("python"), "bench/peers/README.md");
        Refused(3, ["tokenize", _folder.File("tokenizer.json"), "text"], _folder.File("tokenizer.json"));
        Refused(3, ["step", "gpt-tiny-train-16x64", "--precision", "int8"], "inference");

        File.WriteAllText(_folder.File("texts"), "\"one\"\ntwo\n");
        Refused(3, ["embed", _folder.Path, _folder.File("texts")], "line 2", "string");
        File.WriteAllText(_folder.File("texts"), "\"one\"\n");
        Refused(3, ["embed", _folder.Path, _folder.File("texts")], _folder.Path);
    }

    [Fact]
    public void Products_print_a_table_and_write_json()
    {
        string json = _folder.File("products.json");
        AttuneProcess.Result result = Run("gemm", "64x65x66:nn", "2x65x66:nt", "--python", "", "--threads", "1", "--pairs", "2", "--seconds", "0", "--json", json);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("| `64x65x66:nn` | 1 |", result.Output, StringComparison.Ordinal);
        JsonElement[] rows = [.. File.ReadLines(json).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["64x65x66:nn", "2x65x66:nt"], rows.Select(row => row.GetProperty("product").GetString()));
        Assert.All(rows, row => Assert.Equal(2, row.GetProperty("attune_gflops").GetArrayLength()));
    }

    private static AttuneProcess.Result Run(params string[] arguments) => AttuneProcess.Run(arguments, input: null, program: Program);

    private static void Refused(int exitCode, string[] arguments, params string[] names)
    {
        AttuneProcess.Result result = Run(arguments);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.All(names, name => Assert.Contains(name, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
