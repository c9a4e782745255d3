using System.CommandLine;
using System.Globalization;
using Attune.Bench.Rates;

namespace Attune.Bench.Tokenization;

/// <summary><c>tokenize-compare</c>: tokenization beside Hugging Face tokenizers, one thread each, in turns.</summary>
internal static class TokenizeCompareCommand
{
    public static Command Create()
    {
        var text = new Argument<string>("text") { Description = "A file of text, a few megabytes." };
        var tokenizers = new Argument<string[]>("tokenizers") { Arity = ArgumentArity.OneOrMore, Description = "Files tokenizer.json." };
        var modules = new Option<string>("--modules") { Required = true, Description = "The folder in which npm installed @anush008/tokenizers." };
        var pairs = new Option<int>("--pairs") { DefaultValueFactory = _ => 7, Description = "How often both sides take turns." };
        var rest = RestOption.Create();
        var command = new Command("tokenize-compare", "Measures tokenization beside Hugging Face tokenizers, in turns.") { text, tokenizers, modules, pairs, rest };
        command.SetAction(parsed =>
        {
            string file = Path.GetFullPath(parsed.GetValue(text)!);
            foreach (string tokenizer in parsed.GetValue(tokenizers)!.Select(Path.GetFullPath))
            {
                Side[] sides =
                [
                    new("Attune", 1, Environment.ProcessPath!, ["tokenize", tokenizer, file, "--reps", "3"]) { IsOurs = true },
                    new("Hugging Face tokenizers", 1, "node", [PeerScripts.Find("tokenize_hf.mjs"), tokenizer, file, "1"], parsed.GetValue(modules)),
                ];
                var table = new RateTable("mb_per_s", "MB/s", sides);
                table.Run(parsed.GetValue(pairs), RestOption.Of(parsed, rest));
                Console.WriteLine($"{Path.GetFileName(Path.GetDirectoryName(tokenizer))}:");
                table.Print(("tokens", side => side.Figures("tokens")[0].ToString("F0", CultureInfo.InvariantCulture)));
                Console.WriteLine();
            }
        });
        return command;
    }
}
