using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Bench.Options;
using Attune.Bench.Rates;
using Attune.Tensors;

namespace Attune.Bench.Embedding;

/// <summary><c>embed-compare</c>: embedding of texts beside ONNX Runtime and PyTorch, in turns.</summary>
internal static class EmbedCompareCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model's folder, with model.onnx and model_int8.onnx." };
        var texts = new Argument<string>("texts") { Description = "A file with a JSON string a line." };
        var modules = ModulesOption.Create("onnxruntime-node", "without it that side is left out");
        var python = PythonOption.Create("The Python that has PyTorch; empty leaves that side out.");
        var threads = ThreadOption.Several();
        var pairs = CountOption.Pairs();
        var reps = CountOption.Create("--reps", "How often all texts are embedded in a turn, after once to warm up.", 1);
        var rest = RestOption.Create();
        var file = JsonOption.Create();
        var command = new Command("embed-compare", "Measures embedding of texts beside other libraries, in turns.") { model, texts, modules, python, threads, pairs, reps, rest, file };
        command.SetAction(parsed =>
        {
            string folder = Path.GetFullPath(parsed.GetValue(model)!);
            DirectoryInfo scratch = Directory.CreateTempSubdirectory("attune-bench-");
            try
            {
                string[] chosen = EmbedCommand.ReadTexts(parsed.GetValue(texts)!);
                using StreamWriter? json = JsonOption.Open(parsed, file);
                (string textFile, string idFile) = Write(scratch.FullName, folder, chosen);
                foreach (int count in parsed.GetValue(threads)!)
                {
                    var sides = Sides(folder, textFile, idFile, parsed.GetValue(modules), parsed.GetValue(python)!, count, parsed.GetValue(reps));
                    Compare(sides, chosen.Length, parsed.GetValue(pairs), RestOption.Of(parsed, rest), json);
                }
            }
            finally
            {
                scratch.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Compare(List<Side> sides, int texts, int pairs, TimeSpan rest, StreamWriter? json)
    {
        var table = new RateTable("tokens_per_s", "tokens/s", sides);
        table.Run(pairs, rest);
        table.Write(json);
        double peak = sides.SelectMany(side => side.Figures("peak")).Where(double.IsFinite).Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{texts} texts; kernels: {Isa.Current}, {Precisions.Instructions(Precision.Int8)}, {Precisions.Instructions(Precision.BFloat16)}; peak float32 product {peak:F1} GFLOP/s"));

        // All sides embed the same tokens: the work of one second follows from what the first says of itself.
        double operations = RateTable.Median(sides[0].Figures("gflops")) / RateTable.Median(sides[0].Figures("tokens_per_s"));
        table.Print(
            ("float32 work / peak", side => (RateTable.Median(side.Figures("tokens_per_s")) * operations / peak).ToString("F2", CultureInfo.InvariantCulture)),
            ("least cosine to float32", side => side.Figures("cosine").Min() is var cosine && double.IsFinite(cosine) ? cosine.ToString("F4", CultureInfo.InvariantCulture) : ""));
        Console.WriteLine();
    }

    private static List<Side> Sides(string folder, string texts, string ids, string? modules, string python, int threads, int reps)
    {
        string count = Text(threads), runs = Text(reps);
        List<Side> sides = [];
        foreach (string precision in Precisions.All)
            sides.Add(new Side($"Attune {precision}", threads, Environment.ProcessPath!, ["embed", folder, texts, "--precision", precision, "--threads", count, "--reps", runs]) { IsOurs = true });
        if (modules is not null)
        {
            foreach ((string name, string file) in (IEnumerable<(string, string)>)[("ONNX Runtime float32", "model.onnx"), ("ONNX Runtime int8", "model_int8.onnx")])
                sides.Add(new Side(name, threads, "node", [PeerScripts.Find("minilm_ort.mjs"), Path.Combine(folder, file), ids, "32", count, runs], modules));
        }
        if (python.Length > 0)
            sides.Add(new Side("PyTorch float32", threads, python, [PeerScripts.Find("minilm_torch.py"), folder, ids, "--threads", count, "--reps", runs]));
        return sides;
    }

    /// <summary>The texts, and for those who do not tokenize their ids, each a line of JSON.</summary>
    private static (string Texts, string Ids) Write(string scratch, string folder, string[] texts)
    {
        (string textFile, string idFile) = (Path.Combine(scratch, "texts.jsonl"), Path.Combine(scratch, "ids.jsonl"));
        File.WriteAllLines(textFile, texts.Select(text => $"\"{JsonEncodedText.Encode(text)}\""));
        File.WriteAllLines(idFile, EmbedCommand.Ids(folder, texts).Select(ids => $"[{string.Join(',', ids)}]"));
        return (textFile, idFile);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
