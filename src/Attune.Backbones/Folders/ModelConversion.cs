using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Folders;

/// <summary>Writes a model folder anew: other files, another number format, another head; what is not asked to change keeps every byte.</summary>
public static class ModelConversion
{
    /// <summary>Converts a folder.</summary>
    /// <param name="source">The folder to read: safetensors or PyTorch weights, in one file or several.</param>
    /// <param name="destination">The folder to make; it appears complete or not at all.</param>
    /// <param name="families">The families that are known.</param>
    /// <param name="options">What changes.</param>
    /// <exception cref="AttuneFormatException">The source is faulty, or does not hold what its configuration says: every tensor is named.</exception>
    /// <exception cref="InvalidOperationException">The destination holds something.</exception>
    /// <exception cref="AttuneWriteException">The destination cannot be written.</exception>
    public static ConvertedModel Convert(string source, string destination, IReadOnlyList<IFamily> families, ConversionOptions options)
    {
        if (Directory.Exists(destination) && Directory.EnumerateFileSystemEntries(destination).Any())
            throw new InvalidOperationException($"{destination}: the folder holds something already. Choose another, or delete it.");
        (JsonFields config, IFamily family) = ModelFolder.ReadConfig(source, families);
        bool changed = Change(config.Node, options);
        var load = new LoadOptions
        {
            Heads = options.Architecture is null ? null : ModelFolder.HeadsOf(config, family),
            MissingHeads = options.InitializeMissing ? MissingHeads.AllInitialized : MissingHeads.Refused,
            Seed = options.Seed,
        };
        LoadedModel loaded = ModelFolder.Load(source, config, family, load);
        using IWeightFile weights = WeightFile.Open(source);
        var names = new WeightNames(weights, family);
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        foreach ((string name, Parameter parameter) in loaded.Model.NamedParameters())
        {
            string published = loaded.Model.Heads.Count == 0 ? ModelFolder.Unprefixed(name, family) : name;
            if (names.Find(name) is not { } stored)
                WeightLoader.Add(writer, published, parameter.Value);
            else if (options.DType is { } dtype)
                writer.AddAs(stored, dtype, published);
            else
                writer.Add(stored, published);
        }
        AtomicFolder.Write(destination, folder =>
        {
            CopyCompanions(source, folder);
            if (changed)
                AtomicFile.WriteAllText(Path.Combine(folder, ModelFolder.ConfigName), JsonText.Indented(config.Node));
            if (options.Layout == WeightLayoutOnDisk.PyTorch)
                PickleFile.Save(Path.Combine(folder, WeightFile.PickleName), writer);
            else
                ShardedWeightFile.Save(folder, writer, options.ShardBytes);
        });
        return new ConvertedModel(loaded.Model.NamedParameters().Count(), writer.DataLength, loaded.Initialized, loaded.Unused);
    }

    /// <summary>Writes what was asked for into the configuration.</summary>
    /// <returns>Whether anything is another than before.</returns>
    private static bool Change(JsonObject config, ConversionOptions options)
    {
        JsonNode before = config.DeepClone();
        if (options.Architecture is { } architecture)
            config["architectures"] = new JsonArray(architecture);
        if (options.Labels is { Count: > 0 } labels)
            ModelFolder.SetLabelNames(config, labels);
        if (options.DType is { } dtype)
        {
            // The transformers library has called the same field by either name.
            string key = config.ContainsKey("dtype") ? "dtype" : "torch_dtype";
            config[key] = dtype switch { DType.F16 => "float16", DType.BF16 => "bfloat16", _ => "float32" };
        }
        return !JsonNode.DeepEquals(before, config);
    }

    private static void CopyCompanions(string source, string folder)
    {
        foreach (string path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(source, path);
            if (!CompanionFiles.Includes(name.Replace(Path.DirectorySeparatorChar, '/')))
                continue;
            string copy = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }
}
