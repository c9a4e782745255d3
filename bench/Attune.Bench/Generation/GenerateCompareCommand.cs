using System.CommandLine;
using System.Globalization;
using Attune.Bench.Rates;
using Attune.Tensors;

namespace Attune.Bench.Generation;

/// <summary><c>generate-compare</c>: generation with GPT-2 small's shape in every precision, beside llama.cpp, in turns.</summary>
internal static class GenerateCompareCommand
{
    public static Command Create()
    {
        var modules = new Option<string?>("--modules") { Description = "The folder in which npm installed @fugood/llama.node; without it Attune is measured alone." };
        var gguf = new Option<string[]>("--gguf") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Model files that make_gpt2_gguf.py wrote." };
        var threads = new Option<int[]>("--threads") { DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true, Description = "Numbers of threads." };
        var pairs = new Option<int>("--pairs") { DefaultValueFactory = _ => 7, Description = "How often every side takes its turn." };
        var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 64, Description = "How many tokens are added." };
        var rest = RestOption.Create();
        var command = new Command("generate-compare", "Measures generation beside llama.cpp, in turns.") { modules, gguf, threads, pairs, tokens, rest };
        command.SetAction(parsed =>
        {
            foreach (int count in parsed.GetValue(threads)!)
            {
                List<Side> sides = Sides(parsed.GetValue(modules), parsed.GetValue(gguf)!, count, parsed.GetValue(tokens));
                var table = new RateTable("tokens_per_s", "tokens/s", sides);
                table.Run(parsed.GetValue(pairs), RestOption.Of(parsed, rest));
                table.Print(
                    ("weights read GB/s", side => Spread(side, "weight_gb_per_s")),
                    ("memory GB/s", side => Spread(side, "read_gb_per_s")),
                    ("share", side => Spread(side, "of_bandwidth")));
                Console.WriteLine();
            }
        });
        return command;
    }

    private static List<Side> Sides(string? modules, string[] models, int threads, int tokens)
    {
        string count = threads.ToString(CultureInfo.InvariantCulture), length = tokens.ToString(CultureInfo.InvariantCulture);
        List<Side> sides = [];
        foreach (string precision in Precisions.All)
        {
            sides.Add(new Side(
                $"Attune {precision}", threads, Environment.ProcessPath!, ["generate", "--precision", precision, "--threads", count, "--tokens", length, "--reps", "3"])
            {
                IsOurs = true,
            });
        }
        foreach (string model in modules is null ? [] : models)
            sides.Add(new Side($"llama.cpp {Path.GetFileNameWithoutExtension(model)}", threads, "node", [PeerScripts.Find("generate_llama.mjs"), Path.GetFullPath(model), count, length, "2"], modules));
        return sides;
    }

    private static string Spread(Side side, string figure) => double.IsFinite(side.Figures(figure)[0]) ? RateTable.Spread(side.Figures(figure)) : "";
}
