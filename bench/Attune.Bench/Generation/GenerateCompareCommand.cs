using System.CommandLine;
using System.Globalization;
using Attune.Bench.Options;
using Attune.Bench.Rates;
using Attune.Cli.Shell;
using Attune.Tensors;

namespace Attune.Bench.Generation;

/// <summary><c>generate-compare</c>: generation with GPT-2 small's shape in every precision, beside llama.cpp, in turns.</summary>
internal static class GenerateCompareCommand
{
    public static Command Create()
    {
        var modules = ModulesOption.Create("@fugood/llama.node", "without it Attune is measured alone");
        var gguf = new Option<FileInfo[]>("--gguf")
        {
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
            Description = "Model files that make_gpt2_gguf.py wrote; needs --modules.",
            HelpName = "file",
        };
        gguf.AcceptExistingOnly();
        var threads = ThreadOption.Several();
        var pairs = CountOption.Pairs();
        var tokens = CountOption.Create("--tokens", "How many tokens are added.", 64);
        var rest = RestOption.Create();
        var file = JsonOption.Create();
        var command = new Command("generate-compare", "Measures generation beside llama.cpp, in turns.") { modules, gguf, threads, pairs, tokens, rest, file };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(modules) is null != (parsed.GetValue(gguf)!.Length == 0))
                throw new UsageException("llama.cpp takes part with both --modules and --gguf, or with neither.");
            using StreamWriter? json = JsonOption.Open(parsed, file);
            foreach (int count in parsed.GetValue(threads)!)
            {
                List<Side> sides = Sides(parsed.GetValue(modules), parsed.GetValue(gguf)!, count, parsed.GetValue(tokens));
                var table = new RateTable("tokens_per_s", "tokens/s", sides);
                table.Run(parsed.GetValue(pairs), RestOption.Of(parsed, rest));
                table.Write(json);
                table.Print(
                    ("weights read GB/s", side => Spread(side, "weight_gb_per_s")),
                    ("memory GB/s", side => Spread(side, "read_gb_per_s")),
                    ("share", side => Spread(side, "of_bandwidth")));
                Console.WriteLine();
            }
        });
        return command;
    }

    private static List<Side> Sides(string? modules, FileInfo[] models, int threads, int tokens)
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
        foreach (FileInfo model in models)
            sides.Add(new Side($"llama.cpp {Path.GetFileNameWithoutExtension(model.Name)}", threads, "node", [PeerScripts.Find("generate_llama.mjs"), model.FullName, count, length, "2"], modules));
        return sides;
    }

    private static string Spread(Side side, string figure) => double.IsFinite(side.Figures(figure)[0]) ? RateTable.Spread(side.Figures(figure)) : "";
}
