using System.Text.Json;
using Attune.Formats;

namespace Attune.Hub;

/// <summary>The note that lies in a pulled folder: where it came from, and what was checked.</summary>
internal static class HubRecord
{
    /// <summary>The note's file name.</summary>
    public const string Name = "pulled.json";

    /// <summary>Writes the note.</summary>
    public static void Write(string folder, Uri endpoint, HubModelName name, string revision, HubListing listing, IReadOnlyList<HubFile> files) =>
        AtomicFile.Write(Path.Combine(folder, Name), stream =>
        {
            using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            json.WriteString("endpoint", endpoint.ToString());
            json.WriteString("model", name.Text);
            json.WriteString("revision", revision);
            json.WriteString("commit", listing.Commit);
            json.WriteStartObject("files");
            foreach (HubFile file in files)
                json.WriteString(file.Name, file.Checksum.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>Whether a folder holds just these files; false if it was never pulled or is another version.</summary>
    /// <exception cref="AttuneFormatException">The note cannot be read.</exception>
    public static bool Holds(string folder, IReadOnlyList<HubFile> files)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return false;
        var known = JsonFields.Load(path).StringMapOrNull("files")?.ToDictionary(entry => entry.Key, entry => entry.Value) ?? [];
        return files.All(file =>
            known.GetValueOrDefault(file.Name) == file.Checksum.ToString()
            && new FileInfo(file.Below(folder)) is { Exists: true } there && there.Length == file.Size);
    }
}
