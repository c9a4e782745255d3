using Attune.Formats;

namespace Attune.Inference;

/// <summary>How a sentence's vector comes from those of its tokens.</summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum, divided by the square root of their number.</summary>
    MeanOfSquareRootLength,

    /// <summary>The largest number in each dimension.</summary>
    Max,

    /// <summary>The vector of the first token.</summary>
    FirstToken,

    /// <summary>The vector of the last token.</summary>
    LastToken,
}

/// <summary>What a sentence-transformers folder says besides the model itself.</summary>
/// <param name="Pooling">How the vectors of tokens become one.</param>
/// <param name="Normalize">Whether it is brought to length 1.</param>
/// <param name="MaxLength">The longest text in tokens; null if only the model limits it.</param>
public sealed record SentenceConfig(Pooling Pooling, bool Normalize, int? MaxLength)
{
    private const string ModulesName = "modules.json";
    private const string ModelName = "sentence_bert_config.json";

    private static readonly (string Field, Pooling Pooling)[] Modes =
    [
        ("pooling_mode_mean_tokens", Pooling.Mean),
        ("pooling_mode_cls_token", Pooling.FirstToken),
        ("pooling_mode_max_tokens", Pooling.Max),
        ("pooling_mode_mean_sqrt_len_tokens", Pooling.MeanOfSquareRootLength),
        ("pooling_mode_lasttoken", Pooling.LastToken),
    ];

    /// <summary>Reads <c>modules.json</c> and what it names; a folder without it gets the mean of its token vectors.</summary>
    /// <exception cref="AttuneFormatException">A file is faulty, or asks for something that is not known.</exception>
    public static SentenceConfig Read(string folder)
    {
        string modules = Path.Combine(folder, ModulesName);
        int? maxLength = null;
        string model = Path.Combine(folder, ModelName);
        if (File.Exists(model))
            maxLength = JsonFields.Load(model).IntOrNull("max_seq_length");
        if (!File.Exists(modules))
            return new SentenceConfig(Pooling.Mean, Normalize: false, maxLength);

        Pooling? pooling = null;
        bool normalize = false;
        foreach (JsonFields module in JsonFields.LoadArray(modules))
        {
            string type = module.String("type");
            switch (type[(type.LastIndexOf('.') + 1)..])
            {
                case "Transformer":
                    break;
                case "Pooling":
                    pooling = ReadPooling(Path.Combine(folder, module.String("path"), "config.json"));
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                default:
                    throw module.Error("type", "a Transformer, Pooling or Normalize module", "Attune cannot embed with this model.");
            }
        }
        return new SentenceConfig(pooling ?? Pooling.Mean, normalize, maxLength);
    }

    private static Pooling ReadPooling(string path)
    {
        JsonFields config = JsonFields.Load(path);
        Pooling[] chosen = [.. Modes.Where(mode => config.Bool(mode.Field, false)).Select(mode => mode.Pooling)];
        return chosen is [var only]
            ? only
            : throw new AttuneFormatException(path, "pooling", $"{chosen.Length} modes that are on", $"exactly one of {string.Join(", ", Modes.Select(m => m.Field))}");
    }
}
