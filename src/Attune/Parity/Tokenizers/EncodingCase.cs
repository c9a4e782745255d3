using System.Text.Json;
using Attune.Tokenizers;

namespace Attune.Parity.Tokenizers;

/// <summary>Runs one line of a <c>cases.jsonl</c> and tells the first difference.</summary>
internal static class EncodingCase
{
    /// <summary>The first difference from the reference, or null.</summary>
    public static string? Difference(ITokenizer tokenizer, JsonElement line)
    {
        Encoding encoding;
        try
        {
            encoding = Encode(tokenizer, line);
        }
        catch (TokenizationException e)
        {
            return line.TryGetProperty("error", out _) ? null : $"raised: {e.Message}";
        }

        if (line.TryGetProperty("error", out _)) return "raised no error";
        if (Difference(encoding, line) is { } difference) return difference;
        if (line.TryGetProperty("overflow", out var overflow))
        {
            if (overflow.GetArrayLength() != encoding.Overflowing.Count) return $"overflow: {encoding.Overflowing.Count} windows instead of {overflow.GetArrayLength()}";
            for (var i = 0; i < encoding.Overflowing.Count; i++)
            {
                if (Difference(encoding.Overflowing[i], overflow[i]) is { } inner) return $"overflow {i}: {inner}";
            }
        }

        var ids = encoding.Ids.ToArray();
        return Compare("decoded", tokenizer.Decode(ids), line.GetProperty("decoded").GetString())
            ?? Compare("decoded_all", tokenizer.Decode(ids, skipSpecialTokens: false), line.GetProperty("decoded_all").GetString());
    }

    private static Encoding Encode(ITokenizer tokenizer, JsonElement line)
    {
        var options = new EncodeOptions
        {
            AddSpecialTokens = line.GetProperty("special").GetBoolean(),
            Truncation = line.TryGetProperty("truncation", out var truncation) ? ReadTruncation(truncation) : null,
            Padding = line.TryGetProperty("padding", out var padding) ? ReadPadding(padding) : null,
        };
        if (line.TryGetProperty("words", out var words))
            return tokenizer.EncodeWords(Strings(words), line.TryGetProperty("pair_words", out var pairWords) ? Strings(pairWords) : null, options);
        return tokenizer.Encode(line.GetProperty("text").GetString()!, line.TryGetProperty("pair", out var pair) ? pair.GetString() : null, options);
    }

    private static Truncation ReadTruncation(JsonElement element) => new()
    {
        MaxLength = element.GetProperty("max_length").GetInt32(),
        Stride = element.TryGetProperty("stride", out var stride) ? stride.GetInt32() : 0,
        Side = Side(element),
        Strategy = element.GetProperty("strategy").GetString() switch
        {
            "only_first" => TruncationStrategy.OnlyFirst,
            "only_second" => TruncationStrategy.OnlySecond,
            _ => TruncationStrategy.LongestFirst,
        },
    };

    private static Padding ReadPadding(JsonElement element) => new()
    {
        Length = element.TryGetProperty("length", out var length) && length.ValueKind == JsonValueKind.Number ? length.GetInt32() : null,
        MultipleOf = element.TryGetProperty("multiple_of", out var multiple) && multiple.ValueKind == JsonValueKind.Number ? multiple.GetInt32() : null,
        Side = Side(element),
        Id = element.GetProperty("id").GetInt32(),
        TypeId = element.GetProperty("type_id").GetInt32(),
        Token = element.GetProperty("token").GetString()!,
    };

    private static SequenceSide Side(JsonElement element) =>
        element.TryGetProperty("side", out var side) && side.GetString() == "left" ? SequenceSide.Left : SequenceSide.Right;

    private static string? Difference(Encoding encoding, JsonElement line) =>
        Compare("ids", encoding.Ids, Ints(line, "ids"))
        ?? Compare("tokens", encoding.Tokens, Strings(line.GetProperty("tokens")))
        ?? Compare("offsets", encoding.Offsets, line.GetProperty("offsets").EnumerateArray().Select(o => new TextSpan(o[0].GetInt32(), o[1].GetInt32())))
        ?? Compare("type_ids", encoding.TypeIds, Ints(line, "type_ids"))
        ?? Compare("word_ids", encoding.WordIds, Nullable(line, "word_ids"))
        ?? (line.TryGetProperty("sequence_ids", out _) ? Compare("sequence_ids", encoding.SequenceIds, Nullable(line, "sequence_ids")) : null)
        ?? Compare("special_mask", encoding.SpecialMask, line.TryGetProperty("special_mask", out _) ? Ints(line, "special_mask").Select(m => m != 0) : encoding.Ids.Select(_ => false))
        ?? Compare("attention", encoding.AttentionMask, line.TryGetProperty("attention", out _) ? Ints(line, "attention").Select(m => m != 0) : encoding.Ids.Select(_ => true));

    private static string? Compare(string field, string found, string? expected) => found == expected ? null : $"{field}: '{found}' instead of '{expected}'";

    private static string? Compare<T>(string field, IEnumerable<T> found, IEnumerable<T> expected) =>
        found.SequenceEqual(expected) ? null : $"{field}: [{string.Join(", ", found)}] instead of [{string.Join(", ", expected)}]";

    private static IEnumerable<int> Ints(JsonElement line, string name) => line.GetProperty(name).EnumerateArray().Select(e => e.GetInt32());

    private static IEnumerable<int?> Nullable(JsonElement line, string name) =>
        line.GetProperty(name).EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? (int?)null : e.GetInt32());

    private static string[] Strings(JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetString()!)];
}
