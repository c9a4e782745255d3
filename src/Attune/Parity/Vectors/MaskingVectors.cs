using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives.Masking;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>
/// Which tokens a masked language model predicts, with the order of all candidates written out: single tokens or whole words until
/// a goal is reached (BERT), or runs of words (ALBERT).
/// </summary>
internal sealed class MaskingVectors : IVectorKind
{
    private const string Order = "group_order_after_shuffle", Starts = "start_order_after_shuffle", Lengths = "drawn_n_per_visited_start";

    /// <inheritdoc/>
    public string Subject => "masking";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && root[0] is { ValueKind: JsonValueKind.Object } first
        && first.TryGetProperty("candidate_groups", out _) && (first.TryGetProperty(Order, out _) || first.TryGetProperty(Lengths, out _));

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.EnumerateArray())
            tally.Count(Difference(vector));
    }

    /// <summary>What differs from the reference; null if nothing.</summary>
    public static string? Difference(JsonElement vector)
    {
        Example example = Pieces(vector);
        bool runs = vector.TryGetProperty(Lengths, out _);
        var units = new MaskingUnits();
        units.Find(example, words: runs || vector.GetProperty("whole_word").GetBoolean());
        int[][] groups = [.. vector.GetProperty("candidate_groups").EnumerateArray().Select(Ints)];
        if (groups.Length != units.Count || !Enumerable.Range(0, units.Count).All(unit => groups[unit].AsSpan().SequenceEqual(units[unit])))
            return $"{units.Count} candidates that are not the {groups.Length} expected";

        int goal = CountedMasking.Goal(
            example.Ids.Length, vector.GetProperty("masked_lm_prob").GetDouble(), vector.GetProperty("max_predictions_per_seq").GetInt32());
        if (goal != vector.GetProperty("num_to_predict").GetInt32())
            return $"a goal of {goal} instead of {vector.GetProperty("num_to_predict")}";
        List<ChosenToken> chosen = [];
        if (runs)
        {
            var drawn = new Queue<int>(Ints(vector.GetProperty(Lengths)));
            NGramMasking.Take(units, Ints(vector.GetProperty(Starts)), goal, _ => drawn.Dequeue(), chosen);
            if (drawn.Count > 0)
                return $"{drawn.Count} of the drawn lengths were not asked for";
        }
        else
        {
            CountedMasking.Take(units, Ints(vector.GetProperty(Order)), goal, chosen);
        }
        int[] found = [.. chosen.Select(token => token.Position).Order()], expected = Ints(vector.GetProperty("positions"));
        return found.AsSpan().SequenceEqual(expected) ? null : $"positions {string.Join(", ", found)} instead of {string.Join(", ", expected)}";
    }

    private static Example Pieces(JsonElement vector)
    {
        string[] pieces = [.. vector.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)];
        int[] words = new int[pieces.Length];
        int word = -1;
        for (int i = 0; i < pieces.Length; i++)
        {
            bool continues = pieces[i].StartsWith("##", StringComparison.Ordinal) && word >= 0;
            words[i] = IsSpecial(pieces[i]) ? -1 : continues ? word : ++word;
        }
        // What the ids are does not matter here, only how many there are.
        return new Example { Ids = new int[pieces.Length], Special = pieces.Select(IsSpecial).ToArray(), Words = words };

        static bool IsSpecial(string piece) => piece is "[CLS]" or "[SEP]";
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
