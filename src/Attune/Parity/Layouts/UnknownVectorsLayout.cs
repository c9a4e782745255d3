using System.Text.Json;

namespace Attune.Parity.Layouts;

/// <summary>Files of vectors (a list of objects, or an object with <c>cases</c> or a <c>trainer</c>) that nothing else recognises.</summary>
internal sealed class UnknownVectorsLayout : ICaseLayout
{
    private const int LookedAt = 64 << 10;

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => !folder.Has("config.json") && folder.Files.Any(file => IsVectors(folder.File(file)));

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder) => folder.Files
        .Where(file => IsVectors(folder.File(file)))
        .Order(StringComparer.Ordinal)
        .Select(file => (Func<ParityResult>)(() => new ParityResult($"{folder.Name}/{file}", "unknown", ParityStatus.Unknown)
        {
            Subject = Path.GetFileNameWithoutExtension(file),
            Message = $"the vectors '{Path.GetFileNameWithoutExtension(file)}' are not known",
        }));

    private static bool IsVectors(string path)
    {
        if (!path.EndsWith(".json", StringComparison.Ordinal))
            return false;
        byte[] start = new byte[LookedAt];
        int length;
        using (FileStream file = File.OpenRead(path))
            length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        try
        {
            var reader = new Utf8JsonReader(start.AsSpan(0, length), isFinalBlock: length < start.Length, default);
            if (!reader.Read())
                return false;
            if (reader.TokenType == JsonTokenType.StartArray)
                return reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("cases") || reader.ValueTextEquals("trainer"))
                    return true;
                if (!reader.TrySkip())
                    return false;
            }
            return false;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
