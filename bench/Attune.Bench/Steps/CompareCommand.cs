using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Attune.Bench.Steps;

/// <summary>
/// <c>compare</c>: both sides of a workload in turn, a process each time, and the ratio of every pair. "Peak" is the best product speed
/// that either side reached in the whole comparison with the same number of threads.
/// </summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("workloads") { Description = "Which; none takes all." };
        var threads = new Option<int[]>("--threads") { DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true, Description = "Numbers of threads." };
        var pairs = new Option<int>("--pairs") { DefaultValueFactory = _ => 7, Description = "How often both sides take turns." };
        var reps = new Option<int>("--reps") { DefaultValueFactory = _ => 3, Description = "Steps timed in each turn." };
        var python = new Option<string>("--python") { DefaultValueFactory = _ => "/usr/bin/python3", Description = "The Python that has PyTorch." };
        var command = new Command("compare", "Measures steps beside PyTorch, in turns.") { names, threads, pairs, reps, python };
        command.SetAction(parsed =>
        {
            Console.WriteLine("| workload | threads | Attune ms | PyTorch ms | PyTorch / Attune (min-max) | Attune of peak | PyTorch of peak | Attune MB | PyTorch MB |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. Workloads.All.Keys];
            foreach (int count in parsed.GetValue(threads)!)
            {
                foreach (string name in chosen)
                    Console.WriteLine(Row(name, count, parsed.GetValue(pairs), parsed.GetValue(reps), parsed.GetValue(python)!));
            }
        });
        return command;
    }

    private static string Row(string name, int threads, int pairs, int reps, string python)
    {
        List<Turn> ours = [], theirs = [];
        string[] options = ["--threads", Text(threads), "--reps", Text(reps)];
        for (int i = 0; i < pairs; i++)
        {
            ours.Add(Turn.Run(Environment.ProcessPath!, ["step", name, .. options]));
            theirs.Add(Turn.Run(python, [PeerScripts.Find("torch_peer.py"), name, .. options]));
        }
        double peak = ours.Concat(theirs).Max(t => t.Peak);
        double[] ratios = [.. ours.Zip(theirs, (a, b) => b.Milliseconds / a.Milliseconds).Order()];
        double mine = Median(ours, t => t.Milliseconds), peer = Median(theirs, t => t.Milliseconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {threads} | {mine:F1} | {peer:F1} | {ratios[ratios.Length / 2]:F2} ({ratios[0]:F2}-{ratios[^1]:F2}) | {Median(ours, t => t.Gigaflops) / peak:F2} | {Median(theirs, t => t.Gigaflops) / peak:F2} | {ours.Max(t => t.Megabytes):F0} | {theirs.Max(t => t.Megabytes):F0} |");
    }

    private static double Median(List<Turn> turns, Func<Turn, double> figure) => turns.Select(figure).Order().ElementAt(turns.Count / 2);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One turn of one side.</summary>
    private sealed record Turn(double Milliseconds, double Gigaflops, double Peak, double Megabytes)
    {
        public static Turn Run(string program, IReadOnlyList<string> arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            string line = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
            using var json = JsonDocument.Parse(line);
            double Figure(string name) => json.RootElement.GetProperty(name).GetDouble();
            return new Turn(Figure("ms"), Figure("gflops"), Figure("peak"), Figure("max_rss_mb"));
        }
    }
}
