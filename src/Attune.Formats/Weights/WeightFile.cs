namespace Attune.Formats;

/// <summary>Finds and opens the weights of a model folder in the Hugging Face layout.</summary>
public static class WeightFile
{
    /// <summary>Weights in one file.</summary>
    public const string SingleName = "model.safetensors";

    /// <summary>The index of weights in several files.</summary>
    public const string IndexName = "model.safetensors.index.json";

    /// <summary>A PyTorch checkpoint in one file.</summary>
    public const string PickleName = "pytorch_model.bin";

    private const string PickleIndexName = "pytorch_model.bin.index.json";
    private const string IndexEnding = ".index.json";

    // Safetensors are preferred where a folder holds both, as the transformers library does.
    private static readonly string[] s_names = [SingleName, IndexName, PickleName, PickleIndexName];

    /// <summary>Opens the weights of a folder, or a weight file or index given by its own path.</summary>
    /// <param name="path">A model folder, a <c>.safetensors</c> or PyTorch file, or an index.</param>
    /// <exception cref="AttuneFormatException">No weights there, or the files are faulty.</exception>
    public static IWeightFile Open(string path)
    {
        if (!Directory.Exists(path)) return path.EndsWith(IndexEnding, StringComparison.Ordinal) ? ShardedWeightFile.Open(path) : OpenSingle(path);
        foreach (string name in s_names)
        {
            string candidate = Path.Combine(path, name);
            if (File.Exists(candidate)) return Open(candidate);
        }
        throw new AttuneFormatException($"the folder holds no weights: none of {string.Join(", ", s_names)} is there.", path);
    }

    /// <summary>Opens one file by its ending.</summary>
    internal static IWeightFile OpenSingle(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) ? SafetensorsFile.Open(path) : PickleFile.Open(path);
}
