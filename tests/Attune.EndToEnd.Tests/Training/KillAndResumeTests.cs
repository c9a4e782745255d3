using System.Diagnostics;
using System.Text.RegularExpressions;
using Attune.Tensors.Random;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.EndToEnd.Tests.Training;

/// <summary>Real processes, really killed, mostly while they write a checkpoint (one follows every update).</summary>
public sealed partial class KillAndResumeTests : IDisposable
{
    private const int Kills = 8;
    private const int Steps = 24;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("attune-kill-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_run_killed_at_random_instants_ends_with_the_same_bits()
    {
        string straight = Path.Combine(_folder.FullName, "straight"), killed = Path.Combine(_folder.FullName, "killed");
        Assert.Equal("done", RunToEnd(straight));

        var random = new RandomStream(1);
        for (int kill = 0; kill < Kills; kill++)
            RunAndKill(killed, afterLines: 1 + random.Below(2 * kill, 3), thenMilliseconds: random.Below(2 * kill + 1, 40));
        Assert.Equal("done", RunToEnd(killed));

        string[] files = Results(straight);
        Assert.Equal(files, Results(killed));
        foreach (string file in files)
            Assert.True(File.ReadAllBytes(Path.Combine(straight, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(killed, file))), $"{file} differs.");
        Assert.Equal(Losses(straight), Losses(killed));
        Assert.Equal(Steps, Losses(killed).Count);

        RunStore store = new(Path.Combine(killed, "runs.db"));
        Assert.Equal("completed", store.Find("run")!.Status);
        Assert.Equal(
            new RunStore(Path.Combine(straight, "runs.db")).Metrics("run").Where(IsResult), store.Metrics("run").Where(IsResult));
    }

    private static bool IsResult(Metric metric) => metric.Name != "tokens_per_second";

    /// <summary>Everything a run leaves that does not hold durations.</summary>
    private static string[] Results(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))
            .Where(path => path.StartsWith("checkpoints", StringComparison.Ordinal) || path.StartsWith("best", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    private static List<string> Losses(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "log.jsonl")).Select(line => LossLine().Match(line)).Where(m => m.Success).Select(m => m.Value)];

    private static string? RunToEnd(string folder)
    {
        using Process process = Start(folder);
        string? line, last = null;
        while ((line = process.StandardOutput.ReadLine()) is not null)
            last = line;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return last;
    }

    private static void RunAndKill(string folder, int afterLines, int thenMilliseconds)
    {
        using Process process = Start(folder);
        for (int line = 0; line < afterLines && process.StandardOutput.ReadLine() is not null; line++)
        {
        }
        Thread.Sleep(thenMilliseconds);
        process.Kill();
        process.WaitForExit();
    }

    private static Process Start(string folder) => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList = { "exec", Path.Combine(AppContext.BaseDirectory, "Attune.TrainingHost.dll"), folder },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    [GeneratedRegex("\"event\":\"step\",\"step\":\\d+,\"loss\":[^,]+")]
    private static partial Regex LossLine();
}
