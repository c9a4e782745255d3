using System.CommandLine;
using System.Globalization;
using Attune.Bench.Options;
using Attune.Bench.Rates;

namespace Attune.Bench.Tokenization;

/// <summary><c>tokenize-compare</c>: tokenization beside Hugging Face tokenizers, one thread each, in turns.</summary>
internal static class TokenizeCompareCommand
{
    public static Command Create()
    {
        var text = new Argument<FileInfo>("text") { Description = "A file of text, a few megabytes." }.AcceptExistingOnly();
        var tokenizers = new Argument<FileInfo[]>("tokenizers") { Arity = ArgumentArity.OneOrMore, Description = "Files tokenizer.json." }.AcceptExistingOnly();
        var modules = ModulesOption.Create("@anush008/tokenizers", "without it Attune is measured alone");
        var pairs = CountOption.Pairs();
        var rest = RestOption.Create();
        var file = JsonOption.Create();
        var command = new Command("tokenize-compare", "Measures tokenization beside Hugging Face tokenizers, in turns.") { text, tokenizers, modules, pairs, rest, file };
        command.SetAction(parsed =>
        {
            string lines = parsed.GetValue(text)!.FullName;
            using StreamWriter? json = JsonOption.Open(parsed, file);
            foreach (string tokenizer in parsed.GetValue(tokenizers)!.Select(one => one.FullName))
            {
                List<Side> sides =
                [
                    new("Attune", 1, Environment.ProcessPath!, ["tokenize", tokenizer, lines, "--reps", "3"]) { IsOurs = true },
                ];
                if (parsed.GetValue(modules) is { } folder)
                    sides.Add(new("Hugging Face tokenizers", 1, "node", [PeerScripts.Find("tokenize_hf.mjs"), tokenizer, lines, "1"], folder));
                var table = new RateTable("mb_per_s", "MB/s", sides);
                table.Run(parsed.GetValue(pairs), RestOption.Of(parsed, rest));
                table.Write(json);
                Console.WriteLine($"{Path.GetFileName(Path.GetDirectoryName(tokenizer))}:");
                table.Print(("tokens", side => side.Figures("tokens")[0].ToString("F0", CultureInfo.InvariantCulture)));
                Console.WriteLine();
            }
        });
        return command;
    }
}
