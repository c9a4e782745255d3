using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Backbones.Folders;

/// <summary>What published configurations have no field for: <c>attune.json</c> beside <c>config.json</c>.</summary>
internal static class AttuneFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "attune.json";

    private const string MixerKey = "mixer";

    /// <summary>The mixer that a folder's model has in place of its family's own; null if it has none.</summary>
    /// <exception cref="AttuneFormatException">The file is faulty.</exception>
    public static JsonFields? Mixer(string folder)
    {
        string path = Path.Combine(folder, Name);
        return File.Exists(path) ? JsonFields.Load(path).ChildOrNull(MixerKey) : null;
    }

    /// <summary>Writes the file, or removes an earlier model's if there is nothing to say.</summary>
    public static void Save(Model model, string folder)
    {
        string path = Path.Combine(folder, Name);
        if (model.Mixer is { } mixer)
            AtomicFile.WriteAllText(path, JsonText.Indented(new JsonObject { [MixerKey] = mixer.DeepClone() }));
        else
            File.Delete(path);
    }
}
