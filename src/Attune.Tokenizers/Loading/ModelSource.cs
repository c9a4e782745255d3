using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Loading;

/// <summary>The <c>model</c> object of a <c>tokenizer.json</c>.</summary>
/// <param name="Fields">Its fields but for the large ones.</param>
/// <param name="Element">All of it.</param>
/// <param name="Path">The file.</param>
internal sealed record ModelSource(JsonFields Fields, JsonElement Element, string Path)
{
    /// <summary>Reads <c>vocab</c> where it is an object of tokens and ids.</summary>
    public Vocabulary ReadVocabulary() => new(ReadIds(Member("vocab", JsonValueKind.Object, "an object of tokens and ids"), "field 'model.vocab'", Path));

    /// <summary>Reads <c>vocab</c> where it is a list of tokens and scores.</summary>
    public List<(string Token, double Score)> ReadScoredPieces()
    {
        var pieces = new List<(string, double)>();
        foreach (var entry in Member("vocab", JsonValueKind.Array, "a list of tokens and scores").EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String
                || entry[1].ValueKind != JsonValueKind.Number || !entry[1].TryGetDouble(out var score) || !double.IsFinite(score))
                throw Error($"vocab[{pieces.Count}]", "something else", "a token and its score, such as [\"the\", -3.5]");
            pieces.Add((entry[0].GetString()!, score));
        }

        return pieces;
    }

    /// <summary>Reads <c>merges</c>: pairs, or lines with a space between the two.</summary>
    public List<(string Left, string Right)> ReadMerges()
    {
        var merges = new List<(string, string)>();
        foreach (var entry in Member("merges", JsonValueKind.Array, "a list of merges").EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 && entry[0].ValueKind == JsonValueKind.String && entry[1].ValueKind == JsonValueKind.String)
                merges.Add((entry[0].GetString()!, entry[1].GetString()!));
            else if (entry.ValueKind == JsonValueKind.String && entry.GetString()!.Split(' ') is [var left, var right])
                merges.Add((left, right));
            else
                throw Error($"merges[{merges.Count}]", "something else", "two tokens, such as [\"t\", \"h\"] or \"t h\"");
        }

        return merges;
    }

    /// <summary>Reads an object of tokens and ids.</summary>
    /// <exception cref="AttuneFormatException">An id is not a number of at least 0, or given twice.</exception>
    public static Dictionary<string, int> ReadIds(JsonElement element, string field, string path)
    {
        var ids = new Dictionary<string, int>(element.GetPropertyCount());
        foreach (var entry in element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0)
                throw new AttuneFormatException(path, $"{field}, token '{entry.Name}'", entry.Value.ToString(), "an id of at least 0");
            if (!ids.TryAdd(entry.Name, id)) throw new AttuneFormatException(path, $"{field}, token '{entry.Name}'", "the token twice", "every token once");
        }

        return ids;
    }

    /// <summary>The exception for a faulty member.</summary>
    public AttuneFormatException Error(string name, string found, string expected) => new(Path, $"field 'model.{name}'", found, expected);

    private JsonElement Member(string name, JsonValueKind kind, string expected) =>
        Element.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : throw Error(name, "nothing of the kind", expected);
}
