using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Backbones.Folders;

/// <summary>
/// A model on disk: the Hugging Face layout of <c>config.json</c> and weights, read and written so that other tools load it
/// unchanged.
/// </summary>
public static class ModelFolder
{
    /// <summary>The file that says what the model is.</summary>
    public const string ConfigName = "config.json";

    /// <summary>Reads the configuration of a folder and finds its family.</summary>
    /// <exception cref="AttuneFormatException">There is no valid configuration, or its family is not known.</exception>
    public static (JsonFields Config, IFamily Family) ReadConfig(string folder, IReadOnlyList<IFamily> families)
    {
        if (!Directory.Exists(folder))
            throw new AttuneFormatException("there is no such folder. Name a model's folder, or a pulled model as OWNER/NAME.", folder);
        JsonFields config = JsonFields.Load(Path.Combine(folder, ConfigName));
        return (config, FamilyOf(config, families));
    }

    /// <summary>Loads a model.</summary>
    /// <exception cref="AttuneFormatException">
    /// A file is missing or faulty, the family is not known, or the weights do not fit: every missing, unexpected and misshapen
    /// tensor is named.
    /// </exception>
    public static LoadedModel Load(string folder, IReadOnlyList<IFamily> families, LoadOptions? options = null)
    {
        (JsonFields config, IFamily family) = ReadConfig(folder, families);
        return Load(folder, config, family, options);
    }

    /// <summary>Loads a model whose family is known: not every published configuration names it.</summary>
    /// <exception cref="AttuneFormatException">As for <see cref="Load(string, IReadOnlyList{IFamily}, LoadOptions?)"/>.</exception>
    public static LoadedModel Load(string folder, JsonFields config, IFamily family, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        Model model = Declare(folder, config, family, options.Heads ?? HeadsOf(config, family));
        // The mapping stays alive as long as a parameter uses it; disposing it here would pull the memory away.
        IWeightFile weights = WeightFile.Open(folder);
        LoadedModel loaded = WeightLoader.Load(model, family, weights, options);
        if (options.Trainable)
            model.SetTrainable(true);
        return loaded;
    }

    /// <summary>The model of a folder without its values.</summary>
    internal static Model Declare(string folder, JsonFields config, IFamily family, IReadOnlyList<HeadRequest> heads)
    {
        Model model = family.Declare(config, heads);
        if (AttuneFile.Mixer(folder) is { } mixer)
            model.ReplaceMixers(mixer);
        return model;
    }

    /// <summary>Writes a model's configuration and weights; each file appears whole or not at all.</summary>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    public static void Save(Model model, IFamily family, string folder)
    {
        Directory.CreateDirectory(folder);
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        foreach ((string name, Parameter parameter) in model.NamedParameters())
            WeightLoader.Add(writer, model.Heads.Count == 0 ? Unprefixed(name, family) : name, parameter.Value);
        writer.Save(Path.Combine(folder, WeightFile.SingleName));
        SaveConfig(model, family, folder);
        AttuneFile.Save(model, folder);
    }

    /// <summary>The heads of a configuration's own architecture.</summary>
    /// <exception cref="AttuneFormatException">The architecture is not known.</exception>
    public static IReadOnlyList<HeadRequest> HeadsOf(JsonFields config, IFamily family)
    {
        if (family.ArchitectureOf(config) is not { } architecture)
            return [];
        if (!family.Architectures.TryGetValue(architecture, out IReadOnlyList<HeadKind>? heads))
            throw new AttuneFormatException(config.Path, "architecture", $"'{architecture}'", "one of: " + string.Join(", ", family.Architectures.Keys));
        int classes = ClassesOf(config);
        return [.. heads.Select(kind => new HeadRequest(kind, classes))];
    }

    /// <summary>The names of a configuration's labels by their number; null if it has none.</summary>
    public static IReadOnlyList<string>? LabelNames(JsonFields config)
    {
        if (config.StringMapOrNull("id2label") is not { Count: > 0 } map)
            return null;
        string[] names = new string[map.Count];
        foreach ((string key, string name) in map)
        {
            if (!int.TryParse(key, System.Globalization.CultureInfo.InvariantCulture, out int id) || id < 0 || id >= names.Length || names[id] is not null)
                throw config.Error("id2label", $"the numbers 0 to {map.Count - 1}, each once");
            names[id] = name;
        }
        return names;
    }

    /// <summary>The number of classes of a configuration: as many as it names or else counts; 2 if it does neither.</summary>
    internal static int ClassesOf(JsonFields config) => LabelNames(config)?.Count ?? config.Size("num_labels", 2);

    /// <summary>Writes names of labels into a configuration.</summary>
    public static void SetLabelNames(JsonObject config, IReadOnlyList<string> names)
    {
        var byId = new JsonObject();
        var byName = new JsonObject();
        for (int id = 0; id < names.Count; id++)
        {
            byId[id.ToString(System.Globalization.CultureInfo.InvariantCulture)] = names[id];
            byName[names[id]] = id;
        }
        config["id2label"] = byId;
        config["label2id"] = byName;
    }

    internal static string Unprefixed(string name, IFamily family) =>
        name.StartsWith(family.BodyPrefix, StringComparison.Ordinal) ? name[family.BodyPrefix.Length..] : name;

    private static void SaveConfig(Model model, IFamily family, string folder)
    {
        var config = (JsonObject)model.Config.DeepClone();
        HashSet<HeadKind> kinds = [.. model.Heads.Select(h => h.Kind)];
        string[] fitting = [.. family.Architectures.Where(a => kinds.SetEquals(a.Value)).Select(a => a.Key)];
        // Several may have these heads (T5 with and without its decoder have none): the model's own stays.
        string? own = family.ArchitectureOf(new JsonFields(config, ConfigName));
        if (fitting.FirstOrDefault(a => a == own) is null && fitting is [var architecture, ..])
            config["architectures"] = new JsonArray(architecture);
        config["model_type"] = family.ModelType;
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigName), JsonText.Indented(config));
    }

    /// <summary>The family that a configuration's <c>model_type</c> names.</summary>
    /// <exception cref="AttuneFormatException">It is not known.</exception>
    public static IFamily FamilyOf(JsonFields config, IReadOnlyList<IFamily> families)
    {
        string type = config.String("model_type");
        return families.FirstOrDefault(f => f.ModelType == type)
            ?? throw config.Error("model_type", "one of: " + string.Join(", ", families.Select(f => f.ModelType)));
    }
}
