using System.Text.Json;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>SpanBERT's choice of spans, with the drawn lengths and anchors written out, and what is predicted from the boundaries.</summary>
internal sealed class SpanMaskingVectors : IVectorKind
{
    private const string Cases = "cases", Probabilities = "span_words_probabilities";
    private const double Success = 0.2;

    // What the later steps draw (replacements) does not belong to the choice of spans.
    private const string Length = "span_words", Anchor = "anchor";

    /// <inheritdoc/>
    public string Subject => "span masking";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(Probabilities, out _)
        && root.TryGetProperty(Cases, out JsonElement cases) && cases.FirstHas("draws", "word_start", "mask_ratio", "targets");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        double[] expected = [.. root.Below(Probabilities).Select(p => p.GetDouble())];
        double[] found = SpanMasking.Lengths(Success, expected.Length);
        tally.Count(expected.Zip(found).All(pair => Math.Abs(pair.First - pair.Second) < 1e-12) ? null : "the probabilities of the lengths");
        foreach (JsonElement vector in root.Below(Cases))
            tally.Count(Difference(vector));
    }

    private static string? Difference(JsonElement vector)
    {
        var draws = new Queue<(string Kind, int Value)>(vector.GetProperty("draws").EnumerateArray()
            .Where(draw => draw[0].GetString() is Length or Anchor).Select(draw => (draw[0].GetString()!, draw[1].GetInt32())));
        string? wrong = null;
        int Next(string kind)
        {
            (string found, int value) = draws.Dequeue();
            wrong ??= VectorFields.Difference("draw", kind, found);
            return value;
        }
        bool[] masked = SpanMasking.Spans(
            vector.Flags("word_start"), vector.GetProperty("mask_ratio").GetDouble(), () => Next(Length), () => Next(Anchor));
        return wrong
            ?? VectorFields.Difference("draws left", draws.Count, 0)
            ?? VectorFields.Difference("masked", masked, vector.Ints("targets").Select(target => target != 0))
            ?? VectorFields.Difference("pairs", Boundaries(vector, masked), vector.GetProperty("pair_targets").EnumerateArray().SelectMany(pair => pair.EnumerateArray().Select(id => id.GetInt32())));
    }

    // Each span as the original writes it: both boundaries, then its tokens, cut or padded to a fixed number.
    private static IEnumerable<int> Boundaries(JsonElement vector, bool[] masked)
    {
        int[] tokens = vector.Ints("tokens");
        int most = vector.GetProperty("max_pair_targets").GetInt32(), padding = vector.GetProperty("pad_id").GetInt32();
        bool[] inside = new bool[masked.Length];
        Array.Fill(inside, true);
        return SpanBoundary.Spans(masked, inside, vector.GetProperty("endpoints").GetString() == "external")
            .SelectMany(span => (int[])[span.Left, span.Right, .. Enumerable.Range(0, most).Select(k => k < span.Count ? tokens[span.First + k] : padding)]);
    }
}
