using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Training.Checkpoints;

/// <summary>The weights of a model in a checkpoint: a safetensors file under published names, beside the model's configuration.</summary>
internal static class ModelWeights
{
    public const string WeightsName = "model.safetensors";
    public const string ConfigName = "config.json";

    /// <summary>Writes weights and configuration into a folder.</summary>
    public static unsafe void Save(Model model, string folder)
    {
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        foreach ((string name, Parameter parameter) in model.NamedParameters())
            writer.Add(name, parameter.Shape.ToArray(), parameter.Value.Pointer, parameter.Value);
        writer.Save(Path.Combine(folder, WeightsName));
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigName), model.Config.ToJsonString());
    }

    /// <summary>Copies the weights of a folder into a model that has the same parameters.</summary>
    /// <exception cref="AttuneFormatException">A tensor is missing, left over or of another shape; nothing was copied.</exception>
    public static void Load(Model model, string folder)
    {
        string path = Path.Combine(folder, WeightsName);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        List<(StoredTensor Stored, Parameter Parameter)> pairs = [];
        foreach ((string name, Parameter parameter) in model.NamedParameters())
            pairs.Add((StoredState.Find(file, name, parameter.Shape), parameter));
        if (file.Tensors.Count != pairs.Count)
        {
            HashSet<string> known = [.. pairs.Select(pair => pair.Stored.Name)];
            StoredTensor unknown = file.Tensors.First(tensor => !known.Contains(tensor.Name));
            throw new AttuneFormatException(path, $"tensor '{unknown.Name}'", unknown.ShapeText, "no such tensor", StoredState.Advice);
        }
        foreach ((StoredTensor stored, Parameter parameter) in pairs)
            StoredState.Copy(stored, parameter.Value);
    }
}
