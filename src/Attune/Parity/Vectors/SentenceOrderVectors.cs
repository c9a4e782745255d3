using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives.Pairs;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>ALBERT's pairs: two parts of a document, perhaps in the wrong order, cut to a length.</summary>
internal sealed class SentenceOrderVectors : IVectorKind
{
    /// <inheritdoc/>
    public string Subject => "sentence order";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.FirstHas("segments", "a_end", "swap", "sentence_order_label");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.EnumerateArray())
            tally.Count(Difference(vector));
    }

    private static string? Difference(JsonElement vector)
    {
        // Tokens are words here: number them, with 1 and 2 for the special ones.
        Dictionary<string, int> ids = new() { ["[CLS]"] = 1, ["[SEP]"] = 2 };
        int Id(JsonElement word) => ids.TryGetValue(word.GetString()!, out int id) ? id : ids[word.GetString()!] = ids.Count + 1;
        int[][] segments = [.. vector.GetProperty("segments").EnumerateArray().Select(s => s.EnumerateArray().Select(Id).ToArray())];
        var fromFront = new Queue<bool>(vector.Flags("truncate_from_front"));
        Example example = new SentencePairBuilder(1, 2).SentenceOrder(
            segments, vector.Int("a_end"), vector.GetProperty("swap").GetBoolean(), vector.Int("max_num_tokens"), fromFront.Dequeue);
        return VectorFields.Difference("cuts left", fromFront.Count, 0)
            ?? VectorFields.Difference("tokens", example.Ids.ToArray(), vector.GetProperty("tokens").EnumerateArray().Select(Id))
            ?? VectorFields.Difference("segment_ids", example.TypeIds.ToArray(), vector.Ints("segment_ids"))
            ?? VectorFields.Difference("label", example.Label, vector.Int("sentence_order_label"));
    }
}
