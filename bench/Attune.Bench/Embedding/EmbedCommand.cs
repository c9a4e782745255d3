using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Attune.Bench.Options;
using Attune.Bench.Products;
using Attune.Bench.Rates;
using Attune.Formats;
using Attune.Inference;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Bench.Embedding;

/// <summary><c>embed</c>: texts in, vectors out, with a sentence encoder; prints a line of JSON.</summary>
internal static class EmbedCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model's folder." };
        var texts = new Argument<string>("texts") { Description = "A file with a JSON string a line." };
        var precision = PrecisionOption.Create();
        var threads = ThreadOption.One();
        var batch = CountOption.Create("--batch", "The most tokens of a pass.", new InferenceOptions().MaxTokensPerBatch);
        var reps = CountOption.Create("--reps", "How often all texts are embedded.", 3);
        var command = new Command("embed", "Measures embedding of texts by itself.") { model, texts, precision, threads, batch, reps };
        command.SetAction(parsed =>
        {
            Workers.Count = parsed.GetValue(threads);
            var options = new InferenceOptions
            {
                Precision = PrecisionOption.Of(parsed, precision),
                MaxTokensPerBatch = parsed.GetValue(batch),
                TooLong = TooLong.Truncate,
            };
            Console.WriteLine(Measure(parsed.GetValue(model)!, ReadTexts(parsed.GetValue(texts)!), options, parsed.GetValue(reps)));
        });
        return command;
    }

    /// <summary>The texts of a file with a JSON string a line.</summary>
    /// <exception cref="AttuneFormatException">A line is something else.</exception>
    public static string[] ReadTexts(string path) => [.. File.ReadLines(path).Select((line, i) => ReadText(path, i + 1, line))];

    private static string ReadText(string path, int number, string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.String ? json.RootElement.GetString()!
                : throw new AttuneFormatException($"{path}, line {number}: found JSON of another kind, expected a string.");
        }
        catch (JsonException)
        {
            throw new AttuneFormatException($"{path}, line {number}: this is no JSON; expected a string in double quotes, one text a line.");
        }
    }

    private static string Measure(string folder, string[] texts, InferenceOptions options, int reps)
    {
        SentenceEmbedder embedder = Pipelines.SentenceEmbedder(folder, options);
        float[] vectors = new float[texts.Length * embedder.Width];
        double peak = ProductPeak.Measure();
        double seconds = Rate.MedianSeconds(reps, () => embedder.Embed(texts, vectors));
        peak = Math.Max(peak, ProductPeak.Measure());

        // The work of real tokens: projections and feed-forward, then attention's two products.
        JsonFields config = JsonFields.Load(Path.Combine(folder, "config.json"));
        double width = config.Int("hidden_size"), inner = config.Int("intermediate_size"), layers = config.Int("num_hidden_layers");
        int[] lengths = Lengths(folder, texts);
        double operations = lengths.Sum(t => layers * t * ((8 * width * width) + (4 * width * inner) + (4 * t * width)));
        return JsonLine.Of(
            ("peer", "attune"), ("workload", "minilm-embed"), ("precision", Precisions.NameOf(options.Precision)), ("threads", Workers.Count), ("texts", texts.Length),
            ("texts_per_s", texts.Length / seconds), ("tokens_per_s", lengths.Sum() / seconds), ("peak", peak),
            ("of_peak", operations / seconds / 1e9 / peak), ("gflops", operations / seconds / 1e9), ("cosine", LeastCosine(folder, texts, vectors)),
            ("max_rss_mb", Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
    }

    /// <summary>Texts longer than the model are cut, as the peers' are.</summary>
    public static int[] Lengths(string folder, string[] texts) => [.. Ids(folder, texts).Select(ids => ids.Count)];

    /// <summary>The ids of each text, with the special tokens.</summary>
    public static IEnumerable<IReadOnlyList<int>> Ids(string folder, string[] texts)
    {
        var tokenizer = Tokenizers.Tokenizer.LoadFolder(folder);
        int most = SentenceConfig.Read(folder).MaxLength ?? int.MaxValue;
        foreach (string text in texts)
        {
            yield return tokenizer.Encode(text, null, new Tokenizers.EncodeOptions
            {
                Padding = new Tokenizers.Padding(),
                Truncation = new Tokenizers.Truncation { MaxLength = most },
            }).Ids;
        }
    }

    private static double LeastCosine(string folder, string[] texts, float[] vectors)
    {
        float[][] exact = Pipelines.SentenceEmbedder(folder).Embed(texts);
        int width = vectors.Length / texts.Length;
        return exact.Select((vector, i) => (double)Cosine.Similarity(vector, vectors.AsSpan(i * width, width))).Min();
    }
}
