using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using Attune.Tests.Architecture;
using Attune.Tokenizers;

namespace Attune.Tests.Tokenizers;

/// <summary>The tokenizer references below <c>tests/Goldens/tokenizers</c>, every file of which is packed with gzip.</summary>
internal static class TokenizerGoldens
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Loaded = new();

    public static readonly string[] Folders =
    [
        "albert-unigram", "bert-base-uncased", "bert-cased-zh", "gpt2", "openai-gpt-bpe", "roberta-bpe", "sp-bpe-bytes", "sp-bpe-bytes-legacy", "t5-unigram", "xlnet-unigram",
    ];

    public static byte[] Bytes(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path(name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }

    public static IEnumerable<JsonElement> Lines(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path(name)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    public static Tokenizer Load(string folder) => Loaded.GetOrAdd(folder, f => new(() => Tokenizer.Parse(Bytes($"{f}/tokenizer.json"), f))).Value;

    /// <summary>Unpacks the files of a folder but for the cases and those left out.</summary>
    public static void Unpack(string folder, string destination, params string[] left)
    {
        foreach (var file in Directory.GetFiles(System.IO.Path.GetDirectoryName(Path($"{folder}/cases.jsonl"))!, "*.gz"))
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(file);
            if (name != "cases.jsonl" && !left.Contains(name)) File.WriteAllBytes(System.IO.Path.Combine(destination, name), Bytes($"{folder}/{name}"));
        }
    }

    private static string Path(string name) => System.IO.Path.Combine(Repository.Root, "tests", "Goldens", "tokenizers", name + ".gz");
}
