using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Quickstart;

/// <summary>Keeps a folder to one quickstart: going on with another's work would give numbers that belong to neither.</summary>
internal static class QuickstartIdentity
{
    private const string FileName = "quickstart.json";

    /// <summary>The settings of a run, as they are recorded.</summary>
    public static string Describe(QuickstartOptions options) => JsonText.Compact(Settings(options));

    /// <summary>Marks the folder as this run's, or checks that it is.</summary>
    /// <exception cref="AttuneFormatException">The folder holds another run.</exception>
    public static void Claim(QuickstartOptions options, QuickstartText text)
    {
        string path = Path.Combine(options.Folder, FileName);
        JsonObject mine = Settings(options);
        mine["text"] = text.Fingerprint;
        if (!File.Exists(path))
        {
            AtomicFile.WriteAllText(path, JsonText.Indented(mine));
            return;
        }
        JsonObject other = JsonFields.Load(path).Node;
        foreach ((string key, JsonNode? value) in mine)
        {
            if (!JsonNode.DeepEquals(value, other[key]))
                throw new AttuneFormatException(path, $"field '{key}'", other[key]?.ToJsonString() ?? "nothing", value!.ToJsonString(), "The folder holds another quickstart: choose another with --out, or delete it.");
        }
    }

    private static JsonObject Settings(QuickstartOptions options) => new()
    {
        ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
        ["minutes"] = options.Minutes.ToString("R", CultureInfo.InvariantCulture),
        ["repetitions"] = options.Repetitions,
    };
}
