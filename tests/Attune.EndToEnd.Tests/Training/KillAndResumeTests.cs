using System.Diagnostics;
using System.Text.RegularExpressions;
using Attune.EndToEnd.Tests.CommandLine;
using Attune.Formats;
using Attune.Tensors.Random;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.EndToEnd.Tests.Training;

/// <summary>Real processes, really killed, mostly while they write a checkpoint (one follows every update).</summary>
public sealed partial class KillAndResumeTests : IDisposable
{
    private const int Kills = 8;
    private const int Steps = 24;

    private const string Recipe = """
        name: tiny
        seed: 4
        tokenizer: { train: wordpiece, vocabulary: 100 }
        data: { text: text.txt, length: 16, validation_share: 0.1 }
        model:
          family: bert
          config: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 16 }
        objective: masked-lm
        training: { steps: 60, batch: 8, evaluate_every: 5, checkpoint_every: 1, keep_best: true }
        """;

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

    [Fact]
    public void The_command_line_killed_at_random_instants_ends_with_the_same_bytes()
    {
        TinyText.Write(Path.Combine(_folder.FullName, "text.txt"));
        string recipe = Path.Combine(_folder.FullName, "recipe.yaml");
        File.WriteAllText(recipe, Recipe);
        string[] Line(string name) => ["run", recipe, "--out", Path.Combine(_folder.FullName, name)];
        Assert.Equal(0, AttuneProcess.Run(Line("straight")).ExitCode);

        var random = new RandomStream(2);
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process process = AttuneProcess.Start(Line("killed"));
            // Later and later, so that every stage is hit: the tokenizer, the token cache, checkpoints, the model's folder.
            process.WaitForExit(200 + 150 * kill + random.Below(kill, 300));
            process.Kill();
            process.WaitForExit();
        }
        Assert.Equal(0, AttuneProcess.Run(Line("killed")).ExitCode);

        string[] files = Models("straight");
        Assert.Contains("model.safetensors", files.Select(Path.GetFileName));
        Assert.Equal(files, Models("killed"));
        foreach (string file in files)
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder.FullName, "straight", file)), File.ReadAllBytes(Path.Combine(_folder.FullName, "killed", file)));
        }

        string[] Models(string name) => [.. Directory.EnumerateFiles(Path.Combine(_folder.FullName, name), "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) is "model.safetensors" or "optimizer.safetensors" or "trainer.json" or "tokenizer.json" or "config.json")
            .Select(path => Path.GetRelativePath(Path.Combine(_folder.FullName, name), path)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void A_second_process_is_refused_until_the_first_is_gone_however_it_went()
    {
        TinyText.Write(Path.Combine(_folder.FullName, "text.txt"));
        string recipe = Path.Combine(_folder.FullName, "recipe.yaml"), folder = Path.Combine(_folder.FullName, "busy");
        File.WriteAllText(recipe, Recipe.Replace("steps: 60", "steps: 1000000", StringComparison.Ordinal));
        using Process first = AttuneProcess.Start(["run", recipe, "--out", folder]);
        string run = Path.Combine(folder, "seed-4");
        Assert.True(SpinWait.SpinUntil(() => first.WaitForExit(20) || Directory.Exists(Path.Combine(run, "checkpoints")), TimeSpan.FromMinutes(1)));
        AttuneProcess.Result second = AttuneProcess.Run("run", recipe, "--out", folder);
        Assert.Equal(3, second.ExitCode);
        Assert.Contains("another process is training in this folder", second.Error, StringComparison.Ordinal);
        first.Kill();
        first.WaitForExit();
        FolderLock.Take(run, "run.lock", "is training in this folder").Dispose();
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
