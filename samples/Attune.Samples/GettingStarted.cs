namespace Attune.Samples;

/// <summary>The code of docs/getting-started.md: a test holds it there to what stands and compiles here.</summary>
public static class GettingStarted
{
    public static float[] Embed()
    {
        var embedder = Pipelines.SentenceEmbedder("models/all-MiniLM-L6-v2");
        float[] vector = embedder.Embed("A cat.");
        return vector;
    }

    public static string Fill()
    {
        var fill = Pipelines.FillMask("attune-quickstart/pretrained");
        string word = fill.Fill("Gets the number of [MASK] in the list.")[0].Candidates[0].Token;
        return word;
    }

    public static void Generate()
    {
        var generator = Pipelines.TextGenerator("models/gpt2");
        foreach (string piece in generator.Stream("Once upon a time", new() { Sample = true, TopK = 40, Seed = 7 }))
            Console.Write(piece);
    }
}
