using System.CommandLine;
using System.Globalization;
using Attune.Tensors;

namespace Attune.Bench.Steps;

/// <summary><c>compare</c>: both sides of a workload in turn, a process each time, and the ratio of every pair.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("workloads") { Description = "Which; none takes all." };
        var threads = new Option<int[]>("--threads") { DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true, Description = "Numbers of threads." };
        var pairs = new Option<int>("--pairs") { DefaultValueFactory = _ => 7, Description = "How often both sides take turns." };
        var reps = new Option<int>("--reps") { DefaultValueFactory = _ => 3, Description = "Steps timed in each turn." };
        var python = new Option<string>("--python") { DefaultValueFactory = _ => "/usr/bin/python3", Description = "The Python that has PyTorch." };
        var file = new Option<FileInfo?>("--json") { Description = "A file that gets every turn of both sides, a line of JSON for each workload and number of threads." };
        var command = new Command("compare", "Measures steps beside PyTorch, in turns.") { names, threads, pairs, reps, python, file };
        command.SetAction(parsed =>
        {
            Console.WriteLine($"Kernels: {Isa.Current}; shares are of the best product speed that either side reached in the same comparison.");
            Console.WriteLine("| workload | threads | Attune ms (min-max) | PyTorch ms (min-max) | PyTorch / Attune (min-max) | peak GFLOP/s | Attune of peak | PyTorch of peak | Attune MB | PyTorch MB |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. Workloads.All.Keys];
            using StreamWriter? json = parsed.GetValue(file)?.CreateText();
            foreach (int count in parsed.GetValue(threads)!)
            {
                foreach (string name in chosen)
                {
                    Comparison comparison = Run(name, count, parsed.GetValue(pairs), parsed.GetValue(reps), parsed.GetValue(python)!);
                    Console.WriteLine(comparison.ToRow());
                    json?.WriteLine(comparison.ToJson());
                    json?.Flush();
                }
            }
        });
        return command;
    }

    private static Comparison Run(string name, int threads, int pairs, int reps, string python)
    {
        List<Turn> ours = [], theirs = [];
        string[] options = ["--threads", Text(threads), "--reps", Text(reps)];
        for (int i = 0; i < pairs; i++)
        {
            ours.Add(Turn.Run(Environment.ProcessPath!, ["step", name, .. options], threads));
            theirs.Add(Turn.Run(python, [PeerScripts.Find("torch_peer.py"), name, .. options], threads));
        }
        return new Comparison(name, threads, ours, theirs);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
