using System.Text.Json;
using Attune.Objectives;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>T5's span corruption: which tokens are hidden, given how both parts are cut, and what source and target become.</summary>
internal sealed class SpanCorruptionVectors : IVectorKind
{
    private const string Cases = "cases", Lengths = "lengths";

    /// <inheritdoc/>
    public string Subject => "span corruption";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(Cases, out JsonElement cases) && cases.FirstHas("noise_mask", "sentinel_first", "inputs", "targets");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.Below(Cases))
            tally.Count(OfCase(vector));
        foreach (JsonElement vector in root.Below(Lengths))
            tally.Count(OfLengths(vector));
    }

    private static string? OfCase(JsonElement vector)
    {
        var options = new SpanCorruptionOptions(vector.Int("sentinel_first"), vector.Int("eos"));
        int[] tokens = vector.Ints("tokens");
        bool[] mask = vector.Flags("noise_mask");
        // Some vectors give the mask, the others say how it comes about.
        if (vector.TryGetProperty("noise_breaks_after_shuffle", out _))
        {
            options = WithDensity(options, vector);
            bool[] made = SpanCorruption.Mask(tokens.Length, vector.Flags("noise_breaks_after_shuffle"), vector.Flags("nonnoise_breaks_after_shuffle"));
            string? wrong = VectorFields.Difference("noise", options.Count(tokens.Length), (vector.Int("noise_tokens"), vector.Int("noise_spans")))
                ?? VectorFields.Difference("mask", made, mask);
            if (wrong is not null)
                return wrong;
        }
        (int[] source, int[] target) = new SpanCorruption(options).Corrupt(tokens, mask);
        return VectorFields.Difference("inputs", source, vector.Ints("inputs")) ?? VectorFields.Difference("targets", target, vector.Ints("targets"));
    }

    private static string? OfLengths(JsonElement vector) => VectorFields.Difference(
        "lengths", WithDensity(new SpanCorruptionOptions(100, 1), vector).LengthsFor(vector.Int("inputs_length")),
        (vector.Int("tokens_length"), vector.Int("targets_length")));

    private static SpanCorruptionOptions WithDensity(SpanCorruptionOptions options, JsonElement vector) => options with
    {
        Density = vector.GetProperty("noise_density").GetDouble(),
        MeanLength = vector.GetProperty("mean_noise_span_length").GetDouble(),
    };
}
