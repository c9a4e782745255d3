using System.Text.Json;
using Attune.Objectives;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>ELECTRA's replacements: how many tokens are drawn, what the generator reads and writes, and what the other model is to find.</summary>
internal sealed class ReplacedTokenVectors : IVectorKind
{
    /// <inheritdoc/>
    public string Subject => "replaced tokens";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.FirstHas("input_ids", "replace_with_mask", "generator_logits", "uniform_noise", "discriminator_ids");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.EnumerateArray())
            tally.Count(Difference(vector));
    }

    private static string? Difference(JsonElement vector)
    {
        int[] original = vector.Ints("input_ids");
        int[] expected = vector.Ints("masked_ids"), places = vector.Ints("positions");
        bool[] hidden = vector.Flags("replace_with_mask");
        // No field holds the mask token; the first place that is hidden does.
        int first = Array.IndexOf(hidden, true), mask = first < 0 ? 0 : expected[places[first]];
        var options = new ReplacedTokenOptions(mask)
        {
            Probability = vector.GetProperty("mask_prob").GetDouble(),
            MaxPredictions = vector.Int("max_predictions_per_seq"),
        };
        int count = options.Count(vector.Int("real_length"));
        // Beyond the number to be predicted the original has fillers, which count for nothing.
        int[] positions = places[..count];
        int[] masked = [.. original], read = [.. original];
        ReplacedTokenDetection.Replace(masked, positions, hidden.AsSpan(0, count), mask);
        int[] samples = [.. Enumerable.Range(0, vector.GetProperty("generator_logits").GetArrayLength()).Select(i =>
            ReplacedTokenDetection.SampleOf(Row(vector, "generator_logits", i), Row(vector, "uniform_noise", i)))];
        ReplacedTokenDetection.PutSamples(read, positions, samples.AsSpan(0, count));
        return VectorFields.Difference("drawn", count, vector.Int("num_to_predict"))
            ?? VectorFields.Difference("weights", Enumerable.Range(0, samples.Length).Select(i => i < count ? 1 : 0), vector.Ints("weights"))
            ?? VectorFields.Difference("labels", positions.Select(position => original[position]), vector.Ints("labels").Take(count))
            ?? VectorFields.Difference("masked", masked, expected)
            ?? VectorFields.Difference("samples", samples, vector.Ints("sampled_ids"))
            ?? VectorFields.Difference("read", read, vector.Ints("discriminator_ids"))
            ?? VectorFields.Difference("replaced", read.Select((id, i) => id == original[i] ? 0 : 1), vector.Ints("is_fake"));
    }

    private static float[] Row(JsonElement vector, string name, int row) =>
        [.. vector.GetProperty(name)[row].EnumerateArray().Select(value => value.GetSingle())];
}
