using System.Text.Json;

namespace Attune.Tokenizers.Models;

/// <summary>What the models' files have in common.</summary>
internal static class ModelWriting
{
    /// <summary>Writes the <c>vocab</c> object in ascending order of ids.</summary>
    public static void WriteVocabulary(this Utf8JsonWriter writer, Vocabulary vocabulary)
    {
        writer.WriteStartObject("vocab");
        foreach (var (token, id) in vocabulary.InOrder) writer.WriteNumber(token, id);
        writer.WriteEndObject();
    }

    /// <summary>Writes a string or null.</summary>
    public static void WriteStringOrNull(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is null) writer.WriteNull(name);
        else writer.WriteString(name, value);
    }
}
