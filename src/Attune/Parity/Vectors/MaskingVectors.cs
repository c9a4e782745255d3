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
        root.FirstHas("candidate_groups", Order) || root.FirstHas("candidate_groups", Starts, Lengths);

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.EnumerateArray())
            tally.Count(Difference(vector));
    }

    /// <summary>What differs from the reference; null if nothing.</summary>
    private static string? Difference(JsonElement vector)
    {
        Example example = Pieces(vector);
        bool runs = vector.TryGetProperty(Lengths, out _);
        var units = new MaskingUnits();
        units.Find(example, words: runs || vector.GetProperty("whole_word").GetBoolean());
        int[][] groups = [.. vector.GetProperty("candidate_groups").EnumerateArray().Select(group => group.EnumerateArray().Select(i => i.GetInt32()).ToArray())];
        if (groups.Length != units.Count || !Enumerable.Range(0, units.Count).All(unit => groups[unit].AsSpan().SequenceEqual(units[unit])))
            return $"{units.Count} candidates that are not the {groups.Length} expected";

        int goal = CountedMasking.Goal(
            example.Ids.Length, vector.GetProperty("masked_lm_prob").GetDouble(), vector.Int("max_predictions_per_seq"));
        if (VectorFields.Difference("goal", goal, vector.Int("num_to_predict")) is { } wrong)
            return wrong;
        List<ChosenToken> chosen = [];
        if (runs)
        {
            var drawn = new Queue<int>(vector.Ints(Lengths));
            NGramMasking.Take(units, vector.Ints(Starts), goal, _ => drawn.Dequeue(), chosen);
            if (drawn.Count > 0)
                return $"{drawn.Count} of the drawn lengths were not asked for";
        }
        else
        {
            CountedMasking.Take(units, vector.Ints(Order), goal, chosen);
        }
        return VectorFields.Difference("positions", chosen.Select(token => token.Position).Order(), vector.Ints("positions"));
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
}
