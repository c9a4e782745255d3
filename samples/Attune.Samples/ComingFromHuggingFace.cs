using Attune.Inference;
using Attune.Inference.Generation;
using Attune.Tokenizers;

namespace Attune.Samples;

/// <summary>The code of docs/coming-from-hugging-face.md: a test holds it there to what stands and compiles here.</summary>
public static class ComingFromHuggingFace
{
    public static string Tokenize()
    {
        var tokenizer = Tokenizer.LoadFolder("models/all-MiniLM-L6-v2");
        Encoding encoding = tokenizer.Encode("A cat.", "A kitten.", new() { Truncation = new() { MaxLength = 128 } });
        string text = tokenizer.Decode([.. encoding.Ids]);
        return text;
    }

    public static void Classify()
    {
        var classifier = Pipelines.TextClassifier("runs/sentiment/seed-0/model");
        Classification answer = classifier.Classify("What a wonderful film.");
        Console.WriteLine($"{answer.Label} {answer.Score:P0}");
    }

    public static string Summarize()
    {
        var generator = Pipelines.TextGenerator("models/bart-large-cnn");
        GenerationOptions options = generator.Defaults with { Beams = 4, NoRepeatNgram = 3, MaxNewTokens = 60 };
        string summary = generator.Generate("The article.", options);
        return summary;
    }
}
