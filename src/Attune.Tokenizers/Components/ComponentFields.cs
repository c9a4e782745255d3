using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Patterns;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Components;

/// <summary>Kinds of fields that several components share.</summary>
internal static class ComponentFields
{
    /// <summary>Reads a field that holds exactly one code point.</summary>
    public static Rune ReadRune(this JsonFields fields, string name)
    {
        var text = fields.String(name);
        return Rune.TryGetRuneAt(text, 0, out var rune) && rune.Utf16SequenceLength == text.Length ? rune : throw fields.Error(name, "a single character");
    }

    /// <summary>Reads a pattern field: <c>{"String": ...}</c> or <c>{"Regex": ...}</c>.</summary>
    public static PatternField ReadPattern(this JsonFields fields, string name)
    {
        var pattern = fields.Child(name);
        if (pattern.StringOrNull("String") is { } literal) return new PatternField(literal, IsRegex: false, TextPattern.Literal(literal));
        var regex = pattern.String("Regex");
        try
        {
            return new PatternField(regex, IsRegex: true, TextPattern.Parse(regex));
        }
        catch (PatternSyntaxException e)
        {
            throw pattern.Error("Regex", $"a pattern in Oniguruma's syntax; {e.Message}");
        }
    }

    /// <summary>Reads a field that says what becomes of delimiters.</summary>
    public static SplitBehavior ReadBehavior(this JsonFields fields, string name, SplitBehavior? fallback = null)
    {
        if (fallback is { } value && !fields.Has(name)) return value;
        return fields.String(name) switch
        {
            "Removed" => SplitBehavior.Removed,
            "Isolated" => SplitBehavior.Isolated,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            _ => throw fields.Error(name, "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous"),
        };
    }

    /// <summary>Writes an object that has a type and nothing else.</summary>
    public static void WriteType(this Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    /// <summary>Writes a sequence of components.</summary>
    public static void WriteSequence(this Utf8JsonWriter writer, string name, IEnumerable<IComponent> members)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray(name);
        foreach (var member in members) member.Write(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>A pattern as a file gives it.</summary>
/// <param name="Source">The text or pattern.</param>
/// <param name="IsRegex">Whether it is a pattern rather than a text.</param>
/// <param name="Pattern">Finds it.</param>
internal sealed record PatternField(string Source, bool IsRegex, TextPattern Pattern)
{
    /// <summary>Writes the field's value.</summary>
    public void Write(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString(IsRegex ? "Regex" : "String", Source);
        writer.WriteEndObject();
    }
}
