using System.CommandLine;
using Attune.Bench.Options;
using Attune.Bench.Rates;
using Attune.Tokenizers;

namespace Attune.Bench.Tokenization;

/// <summary><c>tokenize</c>: every line of a text to ids, without special tokens, on one thread; prints a line of JSON.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var tokenizer = new Argument<string>("tokenizer") { Description = "A tokenizer.json." };
        var text = new Argument<string>("text") { Description = "A file of text." };
        var reps = CountOption.Create("--reps", "How often.", 5);
        var command = new Command("tokenize", "Measures tokenization by itself.") { tokenizer, text, reps };
        command.SetAction(parsed => Console.WriteLine(Measure(parsed.GetValue(tokenizer)!, parsed.GetValue(text)!, parsed.GetValue(reps))));
        return command;
    }

    private static string Measure(string path, string text, int reps)
    {
        Tokenizer tokenizer = Tokenizer.Load(path);
        string[] lines = [.. File.ReadAllText(text).Split('\n').Where(line => !string.IsNullOrWhiteSpace(line))];
        long bytes = lines.Sum(line => (long)System.Text.Encoding.UTF8.GetByteCount(line)), tokens = 0;
        List<int> ids = [];
        double seconds = Rate.MedianSeconds(reps, () =>
        {
            tokens = 0;
            foreach (string line in lines)
            {
                ids.Clear();
                tokens += tokenizer.EncodeIds(line, ids, addSpecialTokens: false);
            }
        });
        return JsonLine.Of(
            ("peer", "attune"), ("workload", "tokenize"), ("lines", lines.Length), ("bytes", bytes), ("tokens", tokens),
            ("mb_per_s", bytes / seconds / 1e6), ("tokens_per_s", tokens / seconds));
    }
}
