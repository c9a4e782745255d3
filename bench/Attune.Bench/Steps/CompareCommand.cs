using System.CommandLine;
using System.Globalization;
using Attune.Bench.Options;
using Attune.Tensors;

namespace Attune.Bench.Steps;

/// <summary><c>compare</c>: both sides of a workload in turn, a process each time, and the ratio of every pair.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("workloads") { Description = "Which (step without a name lists them); none takes all.", HelpName = "workload" }.AcceptOnlyFromAmong([.. Workloads.All.Keys]);
        var threads = ThreadOption.Several();
        var pairs = CountOption.Pairs();
        var reps = CountOption.Create("--reps", "Steps timed in each turn.", 3);
        var precision = PrecisionOption.Create(
            "The arithmetic of both sides: float32, or bf16, in which PyTorch trains by its autocast with float32 weights and infers with bfloat16 weights.",
            [Precision.Float32, Precision.BFloat16]);
        var python = PythonOption.Create("The Python that has PyTorch.");
        var file = JsonOption.Create();
        var command = new Command("compare", "Measures steps beside PyTorch, in turns.") { names, threads, pairs, reps, precision, python, file };
        command.SetAction(parsed =>
        {
            Precision chosenPrecision = PrecisionOption.Of(parsed, precision);
            string instructions = Precisions.Instructions(chosenPrecision) ?? $"{Isa.Current} without instructions for {Precisions.NameOf(chosenPrecision)}";
            using StreamWriter? json = JsonOption.Open(parsed, file);
            Console.WriteLine($"Products in {Precisions.NameOf(chosenPrecision)}: {instructions}; shares are of the best product speed that either side reached in the same comparison and precision.");
            Console.WriteLine("| workload | threads | Attune ms (min-max) | PyTorch ms (min-max) | PyTorch / Attune (min-max) | peak GFLOP/s | Attune of peak | PyTorch of peak | Attune MB | PyTorch MB |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. Workloads.All.Keys];
            foreach (int count in parsed.GetValue(threads)!)
            {
                foreach (string name in chosen)
                {
                    Comparison comparison = Run(name, chosenPrecision, count, parsed.GetValue(pairs), parsed.GetValue(reps), parsed.GetValue(python)!);
                    Console.WriteLine(comparison.ToRow());
                    json?.WriteLine(comparison.ToJson());
                    json?.Flush();
                }
            }
        });
        return command;
    }

    private static Comparison Run(string name, Precision precision, int threads, int pairs, int reps, string python)
    {
        List<Turn> ours = [], theirs = [];
        string[] options = ["--threads", Text(threads), "--reps", Text(reps)];
        for (int i = 0; i < pairs; i++)
        {
            ours.Add(Turn.Run(Environment.ProcessPath!, ["step", name, "--precision", Precisions.NameOf(precision), .. options], threads));
            theirs.Add(Turn.Run(python, [PeerScripts.Find("torch_peer.py"), name, "--dtype", precision == Precision.BFloat16 ? "bf16" : "fp32", .. options], threads));
        }
        return new Comparison(name, precision, threads, ours, theirs);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
