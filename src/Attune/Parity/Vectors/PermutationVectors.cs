using System.Text.Json;
using Attune.Objectives.Permutation;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>XLNet's permutations: who sees whom and what is predicted, given the tokens that may be predicted and the order of places.</summary>
internal sealed class PermutationVectors : IVectorKind
{
    /// <inheritdoc/>
    public string Subject => "permutations";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.FirstHas("inputs", "is_masked", "reuse_len", "perm_size", "perm_mask", "target_mask");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.EnumerateArray())
            tally.Count(Difference(vector));
    }

    private static string? Difference(JsonElement vector)
    {
        int[] inputs = vector.Ints("inputs");
        bool[] masked = vector.Flags("is_masked");
        int length = inputs.Length, first = vector.Int("reuse_len"), size = vector.Int("perm_size");
        bool[] special = [.. inputs.Select(id => id == vector.Int("sep") || id == vector.Int("cls"))];
        bool[] targets = [.. masked.Select((chosen, i) => chosen && !special[i])];
        bool[] visible = new bool[length * length];
        string? wrong = null;
        for (int part = 0; part < 2; part++)
        {
            (int from, int count) = part == 0 ? (0, first) : (first, length - first);
            int[] order = [.. vector.GetProperty("row_order")[part].EnumerateArray().Select(place => place.GetInt32())];
            int[] ranks = PredictionOrder.Ranks(count, size, order);
            wrong ??= VectorFields.Difference("ranks", ranks, vector.GetProperty("index")[part].EnumerateArray().Select(rank => rank.GetInt32()));
            PredictionOrder.Mark(ranks, targets.AsSpan(from, count), special.AsSpan(from, count), visible.AsSpan(from * length + from), length);
            for (int i = from; i < from + count; i++)
                visible.AsSpan(i * length, from).Fill(true);
        }
        IEnumerable<int> hidden = vector.GetProperty("perm_mask").EnumerateArray().SelectMany(row => row.EnumerateArray().Select(pair => pair.GetInt32()));
        return wrong
            ?? VectorFields.Difference("hidden", visible.Select(seen => seen ? 0 : 1), hidden)
            ?? VectorFields.Difference("predicted", targets, vector.Flags("target_mask"))
            ?? VectorFields.Difference("targets", inputs, vector.Ints("target"));
    }
}

/// <summary>How much context XLNet's runs of predicted pieces get, and on how many places of it they may begin.</summary>
internal sealed class PredictionContextVectors : IVectorKind
{
    /// <inheritdoc/>
    public string Subject => "prediction context";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.FirstHas("n", "context", "left_choices");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        var prediction = new PartialPrediction();
        foreach (JsonElement vector in root.EnumerateArray())
        {
            int context = prediction.Context(vector.Int("n"));
            tally.Count(VectorFields.Difference("context", context, vector.Int("context"))
                ?? VectorFields.Difference("places", context, vector.Int("left_choices")));
        }
    }
}
