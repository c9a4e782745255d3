namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>Text and labelled data of a dozen words.</summary>
internal static class TinyText
{
    private static readonly string[] Things = ["stream", "stone", "cloud"];
    private static readonly string[] Animals = ["horse", "raven", "trout"];
    private static readonly string[] Deeds = ["flows", "rests", "turns", "waits"];

    /// <summary>The options of the smallest model that <c>pretrain</c> makes.</summary>
    public static readonly string[] Model =
    [
        "--vocabulary", "100", "--length", "16", "--batch", "8",
        .. new[] { "hidden_size=16", "num_hidden_layers=1", "num_attention_heads=2", "intermediate_size=32", "max_position_embeddings=16" }
            .SelectMany(size => new[] { "--set", "model.config." + size }),
    ];

    /// <summary>Writes running text: a document a paragraph.</summary>
    public static string Write(string path)
    {
        var sentences = Enumerable.Range(0, 600).Select(i => $"the {Noun(i)} {Deeds[i / 7 % Deeds.Length]} and the {Noun(i / 3)} {Deeds[i % Deeds.Length]}.");
        File.WriteAllText(path, string.Join("\n\n", sentences.Chunk(5).Select(document => string.Join('\n', document))));
        return path;
    }

    /// <summary>Writes labelled sentences.</summary>
    public static string WriteLabelled(string path)
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"the {Noun(i)} {Deeds[i % Deeds.Length]},{(Animals.Contains(Noun(i)) ? "animal" : "thing")}");
        File.WriteAllLines(path, ["text,label", .. rows]);
        return path;
    }

    private static string Noun(int i) => i % 2 == 0 ? Things[i / 2 % Things.Length] : Animals[i / 2 % Animals.Length];
}
